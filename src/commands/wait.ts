import { Flags } from '@oclif/core'
import { ExitStatus, notYet, Refusal } from '../cli/failure.ts'
import { ProjectCommand } from '../cli/project-command.ts'
import { projectNameOf, requireServices, serviceOf } from '../cli/service-selection.ts'
import type { ObservedContainer } from '../driver/driver.ts'

export default class Wait extends ProjectCommand {
  static override summary = 'Block until containers of all (or specified) services stop.'
  static override usage = 'wait SERVICE [SERVICE...] [OPTIONS]'
  static override operandCount = { least: 1, most: Number.POSITIVE_INFINITY }
  static override flags = {
    'down-project': Flags.boolean({ description: 'Drops project when the first container stops' }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(Wait)
    if (flags['down-project']) throw notYet('--down-project')
    const subject = this.readSubject(flags)
    const { containers } = await this.driver.observe(projectNameOf(subject), this.signal)
    requireServices(this.operands, subject, containers)
    const awaited = containers.filter((one) => this.operands.includes(serviceOf(one)))
    if (awaited.length === 0) throw new Refusal(`no containers for project "${projectNameOf(subject)}": not found`)
    const codes = await Promise.all(awaited.map((one) => this.#waitFor(one)))
    const code = codes.find((one) => one !== 0)
    if (code !== undefined) throw new ExitStatus(code)
  }

  async #waitFor(container: ObservedContainer): Promise<number> {
    let last = container
    for await (const now of this.driver.watchContainer(container.containerId, this.signal)) {
      last = now
      if (now.status === 'exited' || now.status === 'dead') break
    }
    this.answer(`container ${JSON.stringify(last.containerName)} exited with status code ${last.exitCode}\n`)
    return last.exitCode
  }
}
