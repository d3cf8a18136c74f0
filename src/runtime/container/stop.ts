/** Ends containers: asked politely, by a signal, or by force when their monitor is lost or does not answer. */
import { existsSync } from 'node:fs'
import { DriverError } from '../../driver/driver.ts'
import type { Runtime } from '../runtime.ts'
import { throwIfCancelled } from '../state/lock.ts'
import { controlSocketPath } from '../state/paths.ts'
import { ask } from './ask.ts'
import { ControlRefusal, type ControlRequest } from './control-answer.ts'
import { underContainerLock } from './lock.ts'
import { endedBy, isWatched, wake } from './monitor.ts'
import { requireContainer } from './record.ts'
import { signalNumber } from './spec/signals.ts'
import { isUp, readState, readWritten, replaceState } from './state.ts'
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
  wake(runtime, containerId)
  const patience = AbortSignal.any([options.signal, AbortSignal.timeout(KILL_MS)])
  await ask(runtime, { containerId, op: 'kill', signal: number }, patience).catch(async (error: unknown) => {
    throwIfCancelled(options.signal)
    if (error instanceof ControlRefusal) throw error
    if (number !== signalNumber('KILL')) throw unanswered(containerName)
    await endContainer(runtime, containerId, options.signal)
  })
}

function unanswered(containerName: string): DriverError {
  return new DriverError('monitor-lost', `the process that watches over container "${containerName}" does not answer`, {
    hint: 'end it with "tscompose kill", which needs no answer',
  })
}

export function notRunning(containerName: string): DriverError {
  return new DriverError('container-not-running', `container "${containerName}" is not running`, {
    hint: 'start it first',
  })
}

const DEFAULT_GRACE_MS = 10_000

/** How long a monitor may take to clean up before it counts as hung. */
const CLEAN_UP_MS = 10_000

/** How long a signal may take to be passed on, or a killed process to be gone. */
const KILL_MS = 5_000

interface EndRequest {
  readonly containerId: string
  readonly request: ControlRequest
  readonly patienceMs: number
}

/** A monitor that dies while it is asked leaves its container to the sweep; one that does not answer is made to. */
async function askToEnd(runtime: Runtime, end: EndRequest, signal: AbortSignal): Promise<void> {
  const { paths } = runtime
  const { containerId, request, patienceMs } = end
  if (await isWatched(runtime, containerId, signal)) {
    wake(runtime, containerId)
    const patience = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)])
    await ask(runtime, { containerId, ...request }, patience).catch(async (error: unknown) => {
      throwIfCancelled(signal)
      if (error instanceof ControlRefusal) throw error
      if (isUp(readState(paths, containerId))) await endUnasked(runtime, end, signal)
    })
  }
  if (!isUp(readWritten(paths, containerId))) return
  await underContainerLock(runtime, { containerId, signal }, async () => {
    await sweepLost(runtime, containerId)
  })
}

/**
 * The socket is gone, or nobody answers there. The first is no reason to be rude: a signal asks for the same. The lock keeps
 * the monitor's keeper from starting the container again.
 */
async function endUnasked(runtime: Runtime, { containerId, patienceMs }: EndRequest, signal: AbortSignal) {
  const { paths } = runtime
  await underContainerLock(runtime, { containerId, signal }, async () => {
    const hasSocket = existsSync(controlSocketPath(paths, containerId))
    const isDown = !hasSocket && (await endedBy(runtime, containerId, { signalName: 'TERM', patienceMs }))
    if (!isDown) await endedBy(runtime, containerId, { signalName: 'KILL', patienceMs: KILL_MS })
    const written = await sweepLost(runtime, containerId)
    if (!isUp(written)) replaceState(paths, { ...written, stoppedByUser: true })
  })
}
