/** Connects the caller's ends with a container's first program. */
import { DriverError, type ExecStreams } from '../../driver/driver.ts'
import type { Runtime } from '../runtime.ts'
import { controlSocketPath } from '../state/paths.ts'
import { open } from './control.ts'
import { converse } from './converse.ts'
import { requireContainer } from './record.ts'
import { isUp, readState } from './state.ts'
import { notRunning } from './stop.ts'

export async function attachToContainer(
  { paths }: Runtime,
  { containerId, streams }: { readonly containerId: string; readonly streams: ExecStreams },
  signal: AbortSignal,
): Promise<number> {
  const { containerName } = requireContainer(paths, containerId)
  const state = readState(paths, containerId)
  if (state.status === 'paused')
    throw new DriverError('refused', `container "${containerName}" is paused`, { hint: 'unpause it first' })
  if (!isUp(state)) throw notRunning(containerName)
  const request = { op: 'attach', stdin: streams.stdin !== undefined } as const
  return converse(await open(controlSocketPath(paths, containerId), request, signal), streams, 'leaves-input')
}
