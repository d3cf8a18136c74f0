/** Progress where there is no terminal to draw on: a line for each event, in Docker Compose's plain and JSON shapes. */
import type { ProgressEvent, ProgressStatus } from '../planner/progress.ts'
import { escapeControls } from './paint.ts'
import { renderPorts } from './ports.ts'
import { detailOf } from './progress-detail.ts'

/** ` Container app-web-1  Creating` */
export function plainProgress(event: ProgressEvent): string {
  const detail = detailOf(event)
  return ` ${escapeControls(event.resource)}  ${event.text}${detail === undefined ? '' : ` ${detail}`}\n`
}

const JSON_STATUS: Readonly<Record<ProgressStatus, string>> = {
  working: 'Working',
  done: 'Done',
  warning: 'Warning',
  error: 'Error',
  skipped: 'Warning',
}

export function jsonProgress(event: ProgressEvent): string {
  const { resource, parent, status, text, detail, output, ports, currentBytes: current, totalBytes: total } = event
  const percent = current !== undefined && total ? Math.floor((current / total) * 100) : undefined
  return `${JSON.stringify({ id: resource, parent_id: parent, status: JSON_STATUS[status], text, details: detail ?? output ?? (ports && renderPorts(ports)), current, total, percent })}\n`
}
