import { Flags } from '@oclif/core'
import { isTrue } from '../cli/environment.ts'
import { integerFlag, stringFlag } from '../cli/flags.ts'
import { ProjectCommand } from '../cli/project-command.ts'
import { timeoutOption } from '../cli/timeout.ts'
import { planDown } from '../planner/down.ts'

export default class Down extends ProjectCommand {
  static override summary = 'Stop and remove containers, networks'
  static override usage = 'down [OPTIONS] [SERVICES]'
  static override flags = {
    'remove-orphans': Flags.boolean({ description: 'Remove containers for services not defined in the Compose file' }),
    rmi: stringFlag({
      options: ['local', 'all'],
      description:
        'Remove images used by services. "local" remove only images that don\'t have a custom tag ("local"|"all")',
    }),
    timeout: integerFlag({ char: 't', description: 'Specify a shutdown timeout in seconds' }),
    volumes: Flags.boolean({
      char: 'v',
      description:
        'Remove named volumes declared in the "volumes" section of the Compose file and anonymous volumes attached to containers',
    }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(Down)
    const subject = this.readSubject(flags)
    const removeOrphans = this.written.has('remove-orphans')
      ? flags['remove-orphans']
      : isTrue(process.env.COMPOSE_REMOVE_ORPHANS)
    const options = {
      services: this.operands,
      removeOrphans,
      volumes: flags.volumes,
      ...(flags.rmi && { images: flags.rmi as 'local' | 'all' }),
      ...timeoutOption(flags.timeout),
    }
    await this.changeNamed(subject, (observed) => planDown(subject, observed, options), { globals: flags })
  }
}
