/** What a line of progress says behind its word: where a container is published, what a build says, or why something is as it is. */
import type { ProgressEvent } from '../planner/progress.ts'
import { escapeControls } from './paint.ts'
import { renderPorts } from './ports.ts'

export function detailOf({ detail, output, ports }: ProgressEvent): string | undefined {
  const said = detail ?? output
  if (said !== undefined) return escapeControls(said)
  return ports === undefined ? undefined : renderPorts(ports)
}
