/** One picture of the progress display: a heading and a line for each resource, its time at the right edge. */
import type { ProgressEvent, ProgressStatus } from '../planner/progress.ts'
import { escapeControls, type Paint, type Style } from './paint.ts'
import { detailOf } from './progress-detail.ts'

export interface ProgressRow {
  readonly event: ProgressEvent
  /** On the clock of `nowMs`. */
  readonly beganAtMs: number
  /** When the first of its bytes was there. */
  readonly flowsSinceMs?: number
}

export interface Frame {
  readonly rows: readonly ProgressRow[]
  readonly columns: number
  /** How many lines fit; what is over is counted, not shown. */
  readonly lines: number
  readonly nowMs: number
  readonly paint: Paint
}

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const MARKS: Readonly<Record<Exclude<ProgressStatus, 'working'>, readonly [string, Style]>> = {
  done: ['✔', 'green'],
  warning: ['!', 'yellow'],
  skipped: ['!', 'yellow'],
  error: ['✘', 'red'],
}

export function renderFrame(frame: Frame): readonly string[] {
  const { lines } = frame
  const whole = frame.rows.filter(({ event }) => event.parent === undefined)
  const rows = whole.flatMap((row) => [row, ...partsOf(row, frame.rows)])
  // The last line stays free: the line end of a picture as high as the screen would move all of it.
  const room = Math.max(1, lines - HEADING - 1)
  const over = rows.length > room
  const shown = over ? mostTelling(rows, Math.max(1, room - 1)) : rows
  const width = Math.max(0, ...shown.map((row) => nameOf(row).length))
  return [
    `[+] Running ${whole.filter(({ event }) => event.status !== 'working').length}/${whole.length}`,
    ...shown.map((row) => renderRow(row, width, frame)),
    ...(over ? [` ... ${rows.length - shown.length} more`] : []),
  ]
}

const HEADING = 1

/** What failed, then what is going on, then what was done last; each in its order. */
function mostTelling(rows: readonly ProgressRow[], count: number): readonly ProgressRow[] {
  const failed = rows.filter(({ event }) => event.status === 'error')
  const working = rows.filter(({ event }) => event.status === 'working')
  const urgent = [...failed, ...working].slice(0, count)
  const rest = rows.filter((row) => !urgent.includes(row))
  return [...rest.slice(rest.length - (count - urgent.length)), ...urgent]
}

/** Parts are shown as long as their whole is not there. */
function partsOf({ event }: ProgressRow, rows: readonly ProgressRow[]): readonly ProgressRow[] {
  return event.status === 'working' ? rows.filter((row) => row.event.parent === event.resource) : []
}

const nameOf = ({ event }: ProgressRow): string => `${event.parent === undefined ? '' : '  '}${event.resource}`

function renderRow(row: ProgressRow, width: number, { columns, nowMs, paint }: Frame): string {
  const { event, beganAtMs } = row
  const [mark, style] = event.status === 'working' ? [spinner(nowMs), 'cyan' as const] : MARKS[event.status]
  const elapsedMs = event.status === 'working' ? nowMs - beganAtMs : event.elapsedMs
  const time = `${(elapsedMs / 1000).toFixed(1)}s `
  const room = columns - width - time.length - 6
  const detail = detailOf(event)
  const least = Math.max(8, room)
  const wordings = transferred(row, nowMs).map((far) => `${event.text}${far}${detail ? ` ${detail}` : ''}`)
  const text = wordings.find((one) => one.length <= least) ?? shorten(wordings.at(-1) as string, least)
  const gap = ' '.repeat(Math.max(1, room - text.length + 1))
  return ` ${paint(style, mark)} ${escapeControls(nameOf(row)).padEnd(width)}  ${paint(style, text)}${gap}${paint('blue', time)}`
}

function spinner(nowMs: number): string {
  return SPINNER[Math.floor(nowMs / 100) % SPINNER.length] as string
}

/** How much of it is here, how fast it comes and how long it will take: in as many words as there may be room for, the longest first. */
function transferred(
  { event, flowsSinceMs = Number.POSITIVE_INFINITY }: ProgressRow,
  nowMs: number,
): readonly string[] {
  const { currentBytes, totalBytes, status } = event
  if (currentBytes === undefined || !totalBytes || status !== 'working') return ['']
  const far = ` ${megabytes(currentBytes)} / ${megabytes(totalBytes)}`
  const flowedMs = nowMs - flowsSinceMs
  if (flowedMs < 1000 || currentBytes >= totalBytes) return [far]
  const bytesPerMs = currentBytes / flowedMs
  const left = ` ${Math.ceil((totalBytes - currentBytes) / bytesPerMs / 1000)}s left`
  return [`${far} ${megabytes(bytesPerMs * 1000)}/s${left}`, `${far}${left}`, far]
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)}MB`
}

function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`
}
