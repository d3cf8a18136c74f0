import { Flags } from '@oclif/core'
import { integerFlag, listFlag, stringFlag } from '../cli/flags.ts'
import { ProjectCommand } from '../cli/project-command.ts'
import { projectNameOf, requireReplicas, requireServices } from '../cli/service-selection.ts'

export default class Commit extends ProjectCommand {
  static override summary = "Create a new image from a service container's changes"
  static override usage = 'commit [OPTIONS] SERVICE [REPOSITORY[:TAG]]'
  static override operandCount = { least: 1, most: 2 }
  static override flags = {
    author: stringFlag({ char: 'a', description: 'Author (e.g., "John Hannibal Smith <hannibal@a-team.com>")' }),
    change: listFlag({ char: 'c', description: 'Apply Dockerfile instruction to the created image' }),
    index: integerFlag({ description: 'index of the container if service has multiple replicas.' }),
    message: stringFlag({ char: 'm', description: 'Commit message' }),
    pause: Flags.boolean({ char: 'p', description: 'Pause container during commit', default: true }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(Commit)
    const [serviceName = '', reference] = this.operands
    const subject = this.readSubject(flags)
    const { containers } = await this.driver.observe(projectNameOf(subject), this.signal)
    requireServices([serviceName], subject, containers)
    const [{ containerId, containerName }] = requireReplicas(containers, { serviceName, index: flags.index ?? 0 })
    const say = (what: string): void => this.output.err(` ${containerName} Commit ${containerName} ${what}\n`)
    say('Committing')
    if (flags['dry-run']) return say('Committed')
    const options = {
      ...(reference ? { reference } : {}),
      changes: flags.change,
      author: flags.author ?? '',
      message: flags.message ?? '',
      pause: flags.pause,
    }
    say(`Committed as ${await this.driver.commitContainer(containerId, options, this.signal)}`)
  }
}
