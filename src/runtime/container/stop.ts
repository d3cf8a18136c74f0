/** Ends containers: asked politely, by a signal, or by force when their monitor is lost or does not answer. */
import { setTimeout as delay } from 'node:timers/promises'
import { DriverError } from '../../driver/driver.ts'
import type { Runtime } from '../runtime.ts'
import { isAlive } from '../state/identity.ts'
import { throwIfCancelled } from '../state/lock.ts'
import { controlSocketPath } from '../state/paths.ts'
import { ask, ControlRefusal, type ControlRequest } from './control.ts'
import { underContainerLock } from './lock.ts'
import type { MonitorIdentity } from './monitor-spec.ts'
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
  const { stopGraceMs = DEFAULT_GRACE_MS } = requireContainer(runtime.paths, containerId)
  const own = options.timeoutMs === undefined ? {} : { graceMs: options.timeoutMs }
  const patienceMs = (options.timeoutMs ?? stopGraceMs) + CLEAN_UP_MS
  await askToEnd(runtime, { containerId, request: { op: 'stop', ...own }, patienceMs }, options.signal)
  return readState(runtime.paths, containerId).exitCode
}

/** Returns when it is down and cleaned up, without asking its program. */
export async function endContainer(runtime: Runtime, containerId: string, signal: AbortSignal): Promise<void> {
  const request = { op: 'stop', signal: signalNumber('KILL'), graceMs: 0 } as const
  await askToEnd(runtime, { containerId, request, patienceMs: CLEAN_UP_MS }, signal)
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

const DEFAULT_GRACE_MS = 10_000

/** How long a monitor may take to clean up before it counts as hung. */
const CLEAN_UP_MS = 10_000

interface EndRequest {
  readonly containerId: string
  readonly request: ControlRequest
  readonly patienceMs: number
}

/** A monitor that dies while it is asked leaves its container to the sweep; one that does not answer is made to. */
async function askToEnd(
  runtime: Runtime,
  { containerId, request, patienceMs }: EndRequest,
  signal: AbortSignal,
): Promise<void> {
  const { paths } = runtime
  const { monitor } = readState(paths, containerId)
  if (monitor !== undefined && isUp(readState(paths, containerId))) {
    const patience = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)])
    await ask(controlSocketPath(paths, containerId), request, patience).catch(async (error: unknown) => {
      throwIfCancelled(signal)
      if (error instanceof ControlRefusal) throw error
      if (isUp(readState(paths, containerId))) await endMonitor(runtime, monitor)
    })
  }
  if (!isUp(readWritten(paths, containerId))) return
  await underContainerLock(runtime, { containerId, signal }, () => sweepLost(runtime, containerId))
}

/** The container's first process goes with it. */
async function endMonitor({ native }: Runtime, monitor: MonitorIdentity): Promise<void> {
  native().addon.signalProcess(monitor.pid, monitor.startTime, signalNumber('KILL'))
  // The kernel has no word for a stranger's end but this one.
  for (let round = 0; round < 200 && isAlive(monitor); round += 1) await delay(5)
}
