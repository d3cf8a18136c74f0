/** The process that watches over a container, as seen from outside: whether it is at work, and signals to it alone. */
import { existsSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { DriverError } from '../../driver/driver.ts'
import type { Runtime } from '../runtime.ts'
import { isAlive, isStopped } from '../state/identity.ts'
import { throwIfCancelled, tryLock } from '../state/lock.ts'
import { containerDir } from '../state/paths.ts'
import { readText } from '../state/record-file.ts'
import { ask } from './ask.ts'
import type { ContainerStateRecord, MonitorIdentity } from './monitor-spec.ts'
import { signalNumber } from './spec/signals.ts'
import { isUp, readState } from './state.ts'

/** The kernel has no word for a stranger's end or start but asking again. */
const PAUSE_MS = 10

const ANSWER_MS = 1_000

/** A start takes a fraction of a second. */
const LONGEST_START_MS = 20_000

/** The monitor's own lock when nobody has it: no monitor is at work then, and none can begin. */
export function tryMonitorLock(runtime: Runtime, containerId: string): (() => void) | undefined {
  const directory = containerDir(runtime.paths, containerId)
  try {
    return tryLock(runtime.native().addon, { path: `${directory}/monitor.lock`, mode: 'exclusive' })
  } catch (error) {
    if (existsSync(directory)) throw error
    throw new DriverError('container-not-found', `there is no container "${containerId}"`, { cause: error })
  }
}

/**
 * Whether a monitor runs the container. Waits for one that somebody's killed command has left in the middle of starting it, or
 * that is leaving. A record that is damaged, or missing, does not make one disappear: it is asked itself.
 */
export async function isWatched(runtime: Runtime, containerId: string, signal: AbortSignal): Promise<boolean> {
  const end = process.hrtime.bigint() + BigInt(LONGEST_START_MS) * 1_000_000n
  while (writtenUp(runtime, containerId) === undefined) {
    const release = tryMonitorLock(runtime, containerId)
    release?.()
    if (release !== undefined) return false
    if (await answersUp(runtime, containerId, signal)) return true
    throwIfCancelled(signal)
    if (process.hrtime.bigint() > end) throw stuck(containerId)
    await delay(PAUSE_MS)
  }
  return true
}

/** The state of a container that is up, as far as one can be read. */
function writtenUp({ paths }: Runtime, containerId: string): ContainerStateRecord | undefined {
  try {
    const state = readState(paths, containerId)
    return isUp(state) ? state : undefined
  } catch (error) {
    if (error instanceof DriverError && error.code === 'state-broken') return undefined
    throw error
  }
}

/** One that is starting answers when it has. */
async function answersUp(runtime: Runtime, containerId: string, signal: AbortSignal): Promise<boolean> {
  const patience = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)])
  try {
    const { state } = await ask(runtime, { containerId, op: 'state' }, patience)
    return state !== undefined && isUp(state)
  } catch {
    return false
  }
}

function stuck(containerId: string): DriverError {
  const subject = `container "${containerId.slice(0, 12)}"`
  return new DriverError(
    'monitor-lost',
    `the process that is to watch over ${subject} does not get on with its start`,
    {
      hint: 'end that process: its command line is "tscompose-monitor run …/containers/" and the id',
    },
  )
}

/** Lets a monitor go on that was stopped by a signal: it could answer nobody. */
export function wake(runtime: Runtime, containerId: string): void {
  const monitor = writtenUp(runtime, containerId)?.monitor
  if (monitor !== undefined && isStopped(monitor)) signalMonitor(runtime, containerId, monitor, 'CONT')
}

/** Tells whether it was sent, and the monitor has ended within the time. */
export async function endedBy(
  runtime: Runtime,
  containerId: string,
  { signalName, patienceMs }: { readonly signalName: 'TERM' | 'KILL'; readonly patienceMs: number },
): Promise<boolean> {
  const { monitor } = readState(runtime.paths, containerId)
  if (monitor === undefined || !signalMonitor(runtime, containerId, monitor, signalName)) return false
  for (let waitedMs = 0; waitedMs < patienceMs && isAlive(monitor); waitedMs += PAUSE_MS) await delay(PAUSE_MS)
  return !isAlive(monitor)
}

/** Only to a process that says of itself that it is this container's monitor: a record alone may have been changed. */
function signalMonitor(
  { paths, native }: Runtime,
  containerId: string,
  monitor: MonitorIdentity,
  signalName: string,
): boolean {
  if (!isAlive(monitor)) return false
  const words = readText(`/proc/${monitor.pid}/cmdline`)?.split('\0') ?? []
  if (!words.includes(containerDir(paths, containerId))) return false
  return native().addon.signalProcess(monitor.pid, monitor.startTime, signalNumber(signalName))
}
