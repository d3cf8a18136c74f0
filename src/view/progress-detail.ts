/** What a line of progress says behind its word: where a container is published, or why something is as it is. */
import type { ProgressEvent } from '../planner/progress.ts'
import { escapeControls } from './paint.ts'
import { renderPorts } from './ports.ts'

export function detailOf({ detail, ports }: ProgressEvent): string | undefined {
  if (detail !== undefined) return escapeControls(detail)
  return ports === undefined ? undefined : renderPorts(ports)
}
