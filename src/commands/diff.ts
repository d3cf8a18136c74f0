import { Refusal } from '../cli/failure.ts'
import { integerFlag, stringFlag } from '../cli/flags.ts'
import { ProjectCommand } from '../cli/project-command.ts'
import { projectNameOf, requireReplicas, requireServices } from '../cli/service-selection.ts'
import { renderChanges, renderChangesAsJson } from '../view/file-changes.ts'

export default class Diff extends ProjectCommand {
  static override summary = "Show what a service's container has changed of its image's files"
  static override usage = 'diff [OPTIONS] SERVICE'
  static override operandCount = { least: 1, most: 1 }
  static override flags = {
    format: stringFlag({ description: 'Format the output. Values: [table | json]', default: 'table' }),
    index: integerFlag({ description: 'Index of the container if service has multiple replicas' }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(Diff)
    const render = RENDERERS.get(flags.format)
    if (render === undefined) throw new Refusal(`format value "${flags.format}" could not be parsed: parsing failed`)
    const [serviceName = ''] = this.operands
    const subject = this.readSubject(flags)
    const { containers } = await this.driver.observe(projectNameOf(subject), this.signal)
    requireServices([serviceName], subject, containers)
    const [container] = requireReplicas(containers, { serviceName, index: flags.index ?? 0 })
    this.answer(render(await this.driver.listChanges(container.containerId, this.signal)))
  }
}

const RENDERERS: ReadonlyMap<string, typeof renderChanges> = new Map([
  ['table', renderChanges],
  ['json', renderChangesAsJson],
])
