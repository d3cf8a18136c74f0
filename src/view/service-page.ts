/** All that there is to say about one service, on a page. */
import type { Location } from '../diagnostic.ts'
import { escapeControls, type Paint } from './paint.ts'

export interface ServicePage {
  readonly project: string
  readonly service: string
  readonly facts: readonly Fact[]
  readonly needs: readonly Need[]
  readonly containers: readonly ContainerPage[]
}

/** Something that the service is. */
export interface Fact {
  readonly name: string
  readonly value: string
  /** Where it was written; without one nobody wrote it. */
  readonly at?: Location
}

export interface Need {
  readonly service: string
  readonly condition: 'started' | 'healthy' | 'completed'
  readonly required: boolean
  readonly met: boolean
  /** How its containers are, in words. */
  readonly state: string
  readonly at?: Location
}

export interface ContainerPage {
  readonly name: string
  readonly id: string
  /** Docker's sentence about it. */
  readonly status: string
  readonly health?: string
  /** What the last probe wrote. */
  readonly lastProbe?: string
  /** Why it could not start or how it was lost. */
  readonly error?: string
  /** How often its restart policy has started it again. */
  readonly restarts: number
  readonly lastEnd?: End
}

/** How a container came to stand still the last time. */
export interface End {
  /** As of ISO 8601. */
  readonly at: string
  /** The same in words: `5 minutes ago`. */
  readonly ago: string
  readonly exitCode: number
  /** Events are not kept for ever. */
  readonly cause: 'out-of-memory' | 'stopped' | 'killed' | 'by-itself' | 'unknown'
  readonly signal?: string
  /** What its probes had found. */
  readonly unhealthy: boolean
  /** Who has started it again since. */
  readonly startedAgain?: 'restart-policy' | 'command'
}

/** `changes` is what `up` would do, as `renderPlan` tells it. */
export function renderServicePage(page: ServicePage, changes: string, paint: Paint): string {
  const { service, facts, needs, containers } = page
  const blocks = [
    [`${service} is`, ...columns(facts.map(({ name, value, at }) => [name, value, placeOf(at, paint)]))],
    [
      `${service} waits for`,
      ...columns(
        needs.map((need) => [need.service, needText(need), placeOf(need.at, paint)]),
        'nothing',
      ),
    ],
    [`containers`, ...columnsOfContainers(containers, paint)],
    [`up ${service} would do`, ...changes.trimEnd().split('\n').map(indented)],
  ]
  return `${blocks.map(([title = '', ...lines]) => `${paint('bold', escapeControls(title))}\n${lines.map((line) => `${line}\n`).join('')}`).join('\n')}`
}

/** Signs stand in a column of their own. */
const indented = (line: string): string => (/^\w/.test(line) ? `  ${line}` : line)

/** Beyond it a column is not padded. */
const WIDEST = 80

function columns(rows: readonly (readonly [string, string, string])[], nothing = ''): readonly string[] {
  if (rows.length === 0) return nothing === '' ? [] : [`  ${nothing}`]
  const safe = rows.map(([name, value, place]) => [escapeControls(name), escapeControls(value), place] as const)
  const widths = [0, 1].map((at) => Math.min(WIDEST, Math.max(...safe.map((row) => row[at]?.length ?? 0))))
  return safe.map(([name, value, place]) =>
    `  ${name.padEnd(widths[0] ?? 0)}  ${value.padEnd(widths[1] ?? 0)}  ${place}`.trimEnd(),
  )
}

const placeOf = (at: Location | undefined, paint: Paint): string =>
  at === undefined ? '' : paint('cyan', escapeControls(`${at.file}:${at.line}:${at.column}`))

const needText = ({ condition, required, met, state }: Need): string =>
  `${condition === 'started' ? 'to be started' : WANTED[condition]}${required ? '' : ', where it can'}: ${met ? 'it is' : 'it is not'} (${state})`

const WANTED = { healthy: 'to be healthy', completed: 'to have done its job' } as const

function columnsOfContainers(containers: readonly ContainerPage[], paint: Paint): readonly string[] {
  if (containers.length === 0) return ['  none']
  return containers.flatMap((one) => [
    `  ${escapeControls(one.name)}  ${one.status}${one.restarts > 0 ? `, started again ${times(one.restarts)} by its restart policy` : ''}`,
    ...[
      ...(one.error === undefined ? [] : [`it could not go on: ${one.error}`]),
      ...(one.lastEnd === undefined ? [] : [endText(one.lastEnd)]),
      ...(one.lastProbe === undefined ? [] : [`its last probe said: ${one.lastProbe}`]),
    ].map((line) => `    ${paint('faint', escapeControls(line))}`),
  ])
}

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`)

function endText({ ago, exitCode, cause, signal, unhealthy, startedAgain }: End): string {
  const how = {
    'out-of-memory': `it ran out of memory (exit code ${exitCode})`,
    stopped: `it was stopped (exit code ${exitCode})`,
    killed: `it was killed${signal === undefined ? '' : ` by signal ${signal}`} (exit code ${exitCode})`,
    unknown: `it ended with exit code ${exitCode}, and what led to it is not known any more`,
    'by-itself': exitCode === 0 ? 'it ended, having done its work' : `it ended by itself with exit code ${exitCode}`,
  }[cause]
  const again =
    startedAgain && ` and was started again by ${startedAgain === 'command' ? 'a command' : 'its restart policy'}`
  return `${ago} ${how}${unhealthy ? ', being unhealthy,' : ''}${again ?? ''}`
}
