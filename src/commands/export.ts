import { Refusal } from '../cli/failure.ts'
import { integerFlag, stringFlag } from '../cli/flags.ts'
import { ProjectCommand } from '../cli/project-command.ts'
import { projectNameOf, requireReplicas, requireServices } from '../cli/service-selection.ts'
import { writeWhole } from '../cli/write-whole.ts'
import type { ObservedContainer } from '../driver/driver.ts'

export default class Export extends ProjectCommand {
  static override summary = "Export a service container's filesystem as a tar archive"
  static override usage = 'export [OPTIONS] SERVICE'
  static override operandCount = { least: 1, most: 1 }
  static override flags = {
    index: integerFlag({ description: 'index of the container if service has multiple replicas.' }),
    output: stringFlag({ char: 'o', description: 'Write to a file, instead of STDOUT' }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(Export)
    const { output, index = 0 } = flags
    if (output === undefined && this.output.outIsTerminal) {
      throw new Refusal('output option is required when exporting to terminal', 'use the -o flag or redirect')
    }
    const [serviceName = ''] = this.operands
    const subject = this.readSubject(flags)
    const { containers } = await this.driver.observe(projectNameOf(subject), this.signal)
    requireServices([serviceName], subject, containers)
    const [container] = requireReplicas(containers, { serviceName, index })
    this.#say(container, output, 'Exporting')
    if (!flags['dry-run']) await this.#export(container, output)
    this.#say(container, output, 'Exported')
  }

  #export({ containerId }: ObservedContainer, output: string | undefined): Promise<void> {
    const copy = (write: (data: Uint8Array) => void): Promise<void> =>
      this.driver.exportContainer(containerId, write, this.signal)
    return output === undefined ? copy(this.output.out) : writeWhole(output, copy)
  }

  #say({ containerName }: ObservedContainer, output: string | undefined, what: string): void {
    this.output.err(` ${containerName} export ${containerName} to ${output ?? '-'} ${what}\n`)
  }
}
