import { Flags } from '@oclif/core'
import { Refusal } from '../cli/failure.ts'
import { integerFlag, stringFlag } from '../cli/flags.ts'
import { openCompany } from '../cli/log/company.ts'
import { endText, restartText, watchUntilEnd } from '../cli/log/endings.ts'
import { type LogSource, showFuture, showPast } from '../cli/log/follow.ts'
import type { LogLine } from '../cli/log/lines.ts'
import { ProjectCommand } from '../cli/project-command.ts'
import { isOneOff, numberOf, projectNameOf, requireServices, serviceOf, shortName } from '../cli/service-selection.ts'
import { timeOption } from '../cli/time-option.ts'
import type { Diagnostic } from '../diagnostic.ts'
import type { ObservedContainer } from '../driver/driver.ts'
import type { Subject } from '../planner/scope.ts'
import { createLogLines, type LogLines } from '../view/log-lines.ts'
import { plainPaint } from '../view/paint.ts'

export default class Logs extends ProjectCommand {
  static override summary = 'View output from containers'
  static override usage = 'logs [OPTIONS] [SERVICE...]'
  static override flags = {
    follow: Flags.boolean({ char: 'f', description: 'Follow log output' }),
    index: integerFlag({ description: 'index of the container if service has multiple replicas' }),
    'no-color': Flags.boolean({ description: 'Produce monochrome output' }),
    'no-log-prefix': Flags.boolean({ description: "Don't print prefix in logs" }),
    since: stringFlag({
      description: 'Show logs since timestamp (e.g. 2013-01-02T13:23:37Z) or relative (e.g. 42m for 42 minutes)',
    }),
    tail: stringFlag({
      char: 'n',
      default: 'all',
      description: 'Number of lines to show from the end of the logs for each container',
    }),
    timestamps: Flags.boolean({ char: 't', description: 'Show timestamps' }),
    until: stringFlag({
      description: 'Show logs before a timestamp (e.g. 2013-01-02T13:23:37Z) or relative (e.g. 42m for 42 minutes)',
    }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(Logs)
    if (flags.index && this.operands.length !== 1) throw new Refusal('--index requires one service to be selected')
    const paint = flags['no-color'] ? plainPaint : this.paintFor('out')
    const lines = createLogLines({ paint, prefix: !flags['no-log-prefix'], timestamps: flags.timestamps })
    const range = {
      ...tailOption(flags.tail),
      ...timeOption('sinceMs', flags.since),
      ...timeOption('untilMs', flags.until),
    }
    const subject = this.readSubject(flags)
    const index = flags.index ?? 0
    const sinceMs = Date.now()
    const sources = this.#readable(await this.#sources(subject, index))
    for (const { name } of sources) lines.register(name)
    const onLine = ({ name, text, timeNs }: LogLine): void => this.output.out(lines.line(name, text, timeNs))
    const options = { ...range, onLine, signal: this.signal }
    const marks = await showPast(this.driver, sources, options)
    if (!flags.follow) return
    const follow = async (container: ObservedContainer, resumedMs?: number): Promise<ObservedContainer | undefined> => {
      const source = { container, containerId: container.containerId, name: shortName(container) }
      lines.register(source.name)
      const from = resumedMs === undefined ? { mark: marks.get(source.containerId) } : { sinceMs: resumedMs }
      const future = showFuture(this.driver, source, { ...options, ...from })
      // With an end in time nobody waits for the container's own.
      const end = range.untilMs === undefined ? this.#watch(source, lines) : undefined
      const [last] = await Promise.all([end, future])
      if (last) this.output.out(lines.status(source.name, endText(last)))
      return last
    }
    const company = openCompany({
      driver: this.driver,
      projectName: projectNameOf(subject),
      isWanted: (one) => one.keepsLog && this.#isMeant(one, subject, index),
      follow,
      signal: this.signal,
    })
    for (const { container } of sources) company.add(container)
    await company.untilAllEnded({ sinceMs, isOver: () => range.untilMs !== undefined })
  }

  /** How it ends; undefined for one that had ended before. */
  async #watch({ container, name }: FollowedSource, lines: LogLines): Promise<ObservedContainer | undefined> {
    if (container.status === 'exited' || container.status === 'dead') return undefined
    const onRestart = (now: ObservedContainer): void => this.output.out(lines.status(name, restartText(now)))
    return watchUntilEnd(container, { driver: this.driver, onRestart, signal: this.signal })
  }

  /** Docker Compose passes over the others with a warning, too. */
  #readable(sources: readonly FollowedSource[]): readonly FollowedSource[] {
    const unread = sources.filter(({ container }) => !container.keepsLog)
    this.showDiagnostics(unread.map(({ container }) => noLog(container)))
    return sources.filter(({ container }) => container.keepsLog)
  }

  #isMeant(container: ObservedContainer, subject: Subject, index: number): boolean {
    if (isOneOff(container) || !isMeant(serviceOf(container), subject, this.operands)) return false
    return index === 0 || numberOf(container) === index
  }

  async #sources(subject: Subject, index: number): Promise<readonly FollowedSource[]> {
    const { containers } = await this.driver.observe(projectNameOf(subject), this.signal)
    if (this.operands.length > 0) requireServices(this.operands, subject, containers)
    const chosen = containers.filter((one) => this.#isMeant(one, subject, index))
    if (index !== 0 && chosen.length === 0)
      throw new Refusal(`service "${this.operands[0]}" has no container #${index}`)
    return chosen.sort(byName).map((one) => ({ container: one, containerId: one.containerId, name: shortName(one) }))
  }
}

const noLog = ({ containerName }: ObservedContainer): Diagnostic => ({
  severity: 'warning',
  code: 'no-log',
  message: `the output of container "${containerName}" can't be shown: its logging driver keeps nothing`,
  hint: 'use another driver for its service, such as "logging: { driver: local }"',
})

interface FollowedSource extends LogSource {
  readonly container: ObservedContainer
}

/** Without names, the services of the files, except those that don't want to be attached to. */
function isMeant(serviceName: string, subject: Subject, named: readonly string[]): boolean {
  if (named.length > 0) return named.includes(serviceName)
  if (typeof subject === 'string') return true
  const service = subject.services[serviceName]
  return service !== undefined && service.attach !== false
}

function byName(a: ObservedContainer, b: ObservedContainer): number {
  return serviceOf(a) === serviceOf(b) ? numberOf(a) - numberOf(b) : a.containerName < b.containerName ? -1 : 1
}

function tailOption(text: string): { readonly tail?: number } {
  if (text === 'all' || /^-\d+$/.test(text)) return {}
  if (!/^\d+$/.test(text))
    throw new Refusal(`invalid --tail value ${JSON.stringify(text)}`, 'give a number of lines, or all')
  return { tail: Number(text) }
}
