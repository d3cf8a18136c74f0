/** `containers/ID/state.json`, and what it means now: a record that speaks of a dead monitor is not believed. */
import { DriverError } from '../../driver/driver.ts'
import { bootId, isAlive } from '../state/identity.ts'
import { containerDir, type StatePaths } from '../state/paths.ts'
import { readRecord, replaceRecord } from '../state/record-file.ts'
import type { ContainerStateRecord } from './monitor-spec.ts'

export const MONITOR_LOST =
  'monitor-lost: the process that watched over this container was killed, and the container with it'

/** The exit code of a container that went down with its monitor: killed. */
const KILLED = 137

export function statePath(paths: StatePaths, containerId: string): string {
  return `${containerDir(paths, containerId)}/state.json`
}

/** The state as it is: what the file says, unless its monitor is gone. */
export function readState(paths: StatePaths, containerId: string): ContainerStateRecord {
  const written = readWritten(paths, containerId)
  return isLost(written) ? lost(written) : written
}

/** What the file says. */
export function readWritten(paths: StatePaths, containerId: string): ContainerStateRecord {
  const path = statePath(paths, containerId)
  const written = readRecord<ContainerStateRecord>(path) ?? initialState(containerId)
  if (written.containerId === containerId && hasItsFields(written)) return written
  throw new DriverError('state-broken', `"${path}" is damaged: it is not the state of this container`)
}

function hasItsFields(state: ContainerStateRecord): boolean {
  const numbers = [state.pid, state.exitCode, state.startedAtMs, state.finishedAtMs, state.restartCount]
  const lists = [state.endpoints, state.ports]
  return (
    STATUSES.has(state.status) &&
    numbers.every((one) => Number.isSafeInteger(one)) &&
    lists.every((one) => Array.isArray(one)) &&
    typeof state.error === 'string'
  )
}

const STATUSES = new Set(['created', 'running', 'paused', 'restarting', 'exited', 'dead'])

export function replaceState(paths: StatePaths, state: ContainerStateRecord): void {
  replaceRecord(statePath(paths, state.containerId), { ...state, bootId: bootId() })
}

/** Whether a monitor is at work, running the container or about to run it again. */
export function isUp(state: ContainerStateRecord): boolean {
  return state.status === 'running' || state.status === 'paused' || state.status === 'restarting'
}

export function isLost(written: ContainerStateRecord): boolean {
  return isUp(written) && (written.monitor === undefined || !isAlive(written.monitor))
}

export function lost(written: ContainerStateRecord): ContainerStateRecord {
  const { health: _health, monitor: _monitor, ...rest } = written
  // When it went down nobody has seen.
  const finishedAtMs = Math.max(written.finishedAtMs, written.startedAtMs)
  const down = { status: 'exited', pid: 0, exitCode: KILLED, error: MONITOR_LOST, finishedAtMs } as const
  return { ...rest, ...down, endpoints: [], ports: [] }
}

export function initialState(containerId: string): ContainerStateRecord {
  return {
    version: 1,
    containerId,
    status: 'created',
    pid: 0,
    exitCode: 0,
    oomKilled: false,
    error: '',
    startedAtMs: 0,
    finishedAtMs: 0,
    restartCount: 0,
    stoppedByUser: false,
    endpoints: [],
    ports: [],
  }
}
