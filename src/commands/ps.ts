import { Flags } from '@oclif/core'
import { Refusal } from '../cli/failure.ts'
import { listFlag, stringFlag } from '../cli/flags.ts'
import { ProjectCommand } from '../cli/project-command.ts'
import { isOneOff, projectNameOf, requireServices, serviceOf } from '../cli/service-selection.ts'
import type { ObservedContainer } from '../driver/driver.ts'
import { containerColumns } from '../view/container-columns.ts'
import { summarize } from '../view/container-summary.ts'
import { labelMethod } from '../view/label-method.ts'
import { renderRows } from '../view/template.ts'

export default class Ps extends ProjectCommand {
  static override summary = 'List containers'
  static override usage = 'ps [OPTIONS] [SERVICE...]'
  static override flags = {
    all: Flags.boolean({
      char: 'a',
      description: 'Show all stopped containers (including those created by the run command)',
    }),
    filter: stringFlag({ description: 'Filter services by a property (supported filters: status)' }),
    format: stringFlag({
      default: '',
      description:
        "Format output: 'table' (default), 'table TEMPLATE', 'json', or a TEMPLATE of fields such as {{.Name}}",
    }),
    'no-trunc': Flags.boolean({ description: "Don't truncate output" }),
    orphans: Flags.boolean({ default: true, description: 'Include orphaned services (not declared by project)' }),
    quiet: Flags.boolean({ char: 'q', description: 'Only display IDs' }),
    services: Flags.boolean({ description: 'Display services' }),
    status: listFlag({
      description:
        'Filter services by status. Values: [paused | restarting | removing | running | dead | created | exited]',
    }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(Ps)
    const statuses = [...flags.status, ...readFilter(flags.filter)]
    const subject = this.readSubject(flags)
    const { containers } = await this.driver.observe(projectNameOf(subject), this.signal)
    if (this.operands.length > 0) requireServices(this.operands, subject, containers)
    const named =
      this.operands.length === 0 && !flags.orphans && typeof subject !== 'string'
        ? Object.keys(subject.services)
        : this.operands
    const shown = select(containers, { all: flags.all, statuses, named })
    if (flags.quiet) return this.answer(shown.map((one) => `${one.containerId}\n`).join(''))
    if (flags.services) return this.answer(`${[...new Set(shown.map(serviceOf))].join('\n')}\n`)
    const look = { truncate: !flags['no-trunc'], nowMs: Date.now() }
    this.answer(
      renderRows(
        shown.map((one) => ({ ...summarize(one, look), Label: labelMethod(one.labels) })),
        flags.format,
        containerColumns,
      ),
    )
  }
}

interface Selection {
  readonly all: boolean
  readonly statuses: readonly string[]
  readonly named: readonly string[]
}

/** Without `--all` or a wish for states, what lives and belongs to a service. */
function select(
  containers: readonly ObservedContainer[],
  { all, statuses, named }: Selection,
): readonly ObservedContainer[] {
  const lives = (one: ObservedContainer): boolean => LIVING.has(one.status) && !isOneOff(one)
  return containers
    .filter((one) => (all || statuses.length > 0 ? true : lives(one)))
    .filter((one) => statuses.length === 0 || statuses.includes(one.status))
    .filter((one) => named.length === 0 || named.includes(serviceOf(one)))
    .sort((a, b) => (a.containerName < b.containerName ? -1 : 1))
}

const LIVING = new Set(['running', 'paused', 'restarting'])

function readFilter(filter: string | undefined): readonly string[] {
  if (!filter) return []
  const equals = filter.indexOf('=')
  if (equals < 0) throw new Refusal('arguments to --filter should be in form KEY=VAL')
  const key = filter.slice(0, equals)
  if (key !== 'status')
    throw new Refusal(`unknown filter ${key}`, 'the only filter is status, such as --filter status=running')
  return [filter.slice(equals + 1)]
}
