/** Ends containers: asked politely, by a signal, or by force when their monitor is lost. */
import { DriverError } from '../../driver/driver.ts'
import type { Runtime } from '../runtime.ts'
import { controlSocketPath } from '../state/paths.ts'
import { ask, type ControlRequest } from './control.ts'
import { underContainerLock } from './lock.ts'
import { requireContainer } from './record.ts'
import { signalNumber } from './spec/signals.ts'
import { isUp, readState, readWritten } from './state.ts'
import { sweepLost } from './sweep.ts'

/** Returns the exit code. `timeoutMs` overrides the container's own grace time. Done when it is stopped already. */
export async function stopContainer(
  runtime: Runtime,
  containerId: string,
  options: { readonly timeoutMs?: number; readonly signal: AbortSignal },
): Promise<number> {
  requireContainer(runtime.paths, containerId)
  const graceMs = options.timeoutMs
  await askToEnd(
    runtime,
    { containerId, request: { op: 'stop', ...(graceMs === undefined ? {} : { graceMs }) } },
    options.signal,
  )
  return readState(runtime.paths, containerId).exitCode
}

/** Returns when it is down and cleaned up, without asking its program. */
export async function endContainer(runtime: Runtime, containerId: string, signal: AbortSignal): Promise<void> {
  await askToEnd(runtime, { containerId, request: { op: 'stop', signal: signalNumber('KILL'), graceMs: 0 } }, signal)
}

/** `container-not-running` when there is nobody to signal. */
export async function killContainer(
  runtime: Runtime,
  containerId: string,
  options: { readonly signalName: string; readonly signal: AbortSignal },
): Promise<void> {
  const { containerName } = requireContainer(runtime.paths, containerId)
  const number = signalNumber(options.signalName)
  if (!isUp(readState(runtime.paths, containerId))) throw notRunning(containerName)
  await ask(controlSocketPath(runtime.paths, containerId), { op: 'kill', signal: number }, options.signal)
}

export function notRunning(containerName: string): DriverError {
  return new DriverError('container-not-running', `container "${containerName}" is not running`, {
    hint: 'start it first',
  })
}

interface EndRequest {
  readonly containerId: string
  readonly request: ControlRequest
}

/** A monitor that dies while it is asked leaves its container to the sweep. */
async function askToEnd(runtime: Runtime, { containerId, request }: EndRequest, signal: AbortSignal): Promise<void> {
  const { paths } = runtime
  if (isUp(readState(paths, containerId))) {
    await ask(controlSocketPath(paths, containerId), request, signal).catch((error: unknown) => {
      if (isUp(readState(paths, containerId))) throw error
    })
  }
  if (isUp(readWritten(paths, containerId))) {
    await underContainerLock(runtime, { containerId, signal }, () => sweepLost(runtime, containerId))
  }
}
