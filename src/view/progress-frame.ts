/** One picture of the progress display: a heading and a line for each resource, its time at the right edge. */
import type { ProgressEvent, ProgressStatus } from '../planner/progress.ts'
import { escapeControls, type Paint, type Style } from './paint.ts'

export interface ProgressRow {
  readonly event: ProgressEvent
  /** On the clock of `nowMs`. */
  readonly beganAtMs: number
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
  const { rows, lines } = frame
  const over = rows.length > Math.max(1, lines - 1)
  const shown = over ? rows.slice(0, Math.max(1, lines - 2)) : rows
  const width = Math.max(0, ...shown.map((row) => row.event.resource.length))
  return [
    `[+] Running ${rows.filter(({ event }) => event.status !== 'working').length}/${rows.length}`,
    ...shown.map((row) => renderRow(row, width, frame)),
    ...(over ? [` ... ${rows.length - shown.length} more`] : []),
  ]
}

function renderRow({ event, beganAtMs }: ProgressRow, width: number, { columns, nowMs, paint }: Frame): string {
  const [mark, style] = event.status === 'working' ? [spinner(nowMs), 'cyan' as const] : MARKS[event.status]
  const elapsedMs = event.status === 'working' ? nowMs - beganAtMs : event.elapsedMs
  const time = `${(elapsedMs / 1000).toFixed(1)}s `
  const room = columns - width - time.length - 6
  const text = shorten(
    `${event.text}${transferred(event)}${event.detail ? ` ${escapeControls(event.detail)}` : ''}`,
    Math.max(8, room),
  )
  const gap = ' '.repeat(Math.max(1, room - text.length + 1))
  return ` ${paint(style, mark)} ${escapeControls(event.resource).padEnd(width)}  ${paint(style, text)}${gap}${paint('blue', time)}`
}

function spinner(nowMs: number): string {
  return SPINNER[Math.floor(nowMs / 100) % SPINNER.length] as string
}

function transferred({ currentBytes, totalBytes }: ProgressEvent): string {
  return currentBytes === undefined || !totalBytes ? '' : ` ${megabytes(currentBytes)} / ${megabytes(totalBytes)}`
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)}MB`
}

function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`
}
