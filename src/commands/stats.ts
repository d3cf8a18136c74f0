import { setTimeout as delay } from 'node:timers/promises'
import { Flags } from '@oclif/core'
import { stringFlag } from '../cli/flags.ts'
import { ProjectCommand } from '../cli/project-command.ts'
import { projectNameOf, requireServices, serviceOf } from '../cli/service-selection.ts'
import type { ObservedContainer, ResourceUsage } from '../driver/driver.ts'
import type { Subject } from '../planner/scope.ts'
import { renderRows } from '../view/template.ts'
import { USAGE_COLUMNS, type UsedContainer, usageRow } from '../view/usage-rows.ts'

/** Between two looks: a share of time needs a time. */
const INTERVAL_MS = 1000

const FROM_THE_TOP = '\u001b[H'
const CLEAR_LINE = '\u001b[K'
const CLEAR_BELOW = '\u001b[J'

export default class Stats extends ProjectCommand {
  static override summary = 'Display a live stream of container(s) resource usage statistics'
  static override usage = 'stats [OPTIONS] [SERVICE]'
  static override operandCount = { least: 0, most: 1 }
  static override flags = {
    all: Flags.boolean({ char: 'a', description: 'Show all containers (default shows just running)' }),
    format: stringFlag({
      default: '',
      description:
        "Format output: 'table' (default), 'table TEMPLATE', 'json', or a TEMPLATE of fields such as {{.Name}}",
    }),
    'no-stream': Flags.boolean({ description: 'Disable streaming stats and only pull the first result' }),
    'no-trunc': Flags.boolean({ description: 'Do not truncate output' }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(Stats)
    const subject = this.readSubject(flags)
    let before = await this.#look(subject, flags.all)
    for (;;) {
      await delay(INTERVAL_MS, undefined, { signal: this.signal })
      const now = await this.#look(subject, flags.all)
      const rows = now.map((one) => usageRow(used(one, before), !flags['no-trunc']))
      this.#show(renderRows(rows, flags.format, USAGE_COLUMNS), flags['no-stream'])
      if (flags['no-stream']) return
      before = now
    }
  }

  /** A terminal is drawn over each time; anything else gets one table after the other. */
  #show(text: string, once: boolean): void {
    if (once || !this.output.outIsTerminal) {
      this.answer(text)
      return
    }
    const lines = text.trimEnd().split('\n')
    this.output.out(`${FROM_THE_TOP}${lines.map((line) => `${line}${CLEAR_LINE}\n`).join('')}${CLEAR_BELOW}`)
  }

  async #look(subject: Subject, all: boolean): Promise<readonly Look[]> {
    const { containers } = await this.driver.observe(projectNameOf(subject), this.signal)
    requireServices(this.operands, subject, containers)
    const looks = containers
      .filter((one) => this.operands.length === 0 || this.operands.includes(serviceOf(one)))
      .sort((a, b) => (a.containerName < b.containerName ? -1 : 1))
      .map(async (container) => ({ container, usage: await this.#usageOf(container) }))
    return (await Promise.all(looks)).filter(({ usage }) => all || usage !== undefined)
  }

  /** One that was taken away since it was seen uses nothing. */
  async #usageOf({ containerId }: ObservedContainer): Promise<ResourceUsage | undefined> {
    return this.driver.readUsage(containerId, this.signal).catch((error: unknown) => {
      if ((error as { readonly code?: string }).code === 'container-not-found') return undefined
      throw error
    })
  }
}

interface Look {
  readonly container: ObservedContainer
  readonly usage: ResourceUsage | undefined
}

function used({ container, usage }: Look, before: readonly Look[]): UsedContainer {
  const earlier = before.find((one) => one.container.containerId === container.containerId)
  return { container, before: earlier?.usage, now: usage }
}
