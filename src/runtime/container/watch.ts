/**
 * A container's state, told at each change: by its monitor while there is one, by the kernel's word on state.json
 * (inotify) while there is none. Nothing is polled.
 */
import { watch } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { DriverError } from '../../driver/driver.ts'
import { containerDir, controlSocketPath, type StatePaths } from '../state/paths.ts'
import { type ControlConnection, laterStates, open } from './control.ts'
import type { ContainerStateRecord } from './monitor-spec.ts'
import { readContainer } from './record.ts'
import { isUp, readState } from './state.ts'

/** Whoever is on the way to watch over it, and does not listen yet, may be killed and write nothing. */
const LOOK_AGAIN_MS = 500

/** The state now, then each later one; ends when the container is gone. Equal ones may follow each other. */
export async function* watchStates(
  paths: StatePaths,
  containerId: string,
  signal: AbortSignal,
): AsyncGenerator<ContainerStateRecord> {
  while (!signal.aborted && readContainer(paths, containerId) !== undefined) {
    const changed = nextChange(paths, containerId, signal)
    try {
      // Read after the watch began: what changes from here on is heard.
      const state = readState(paths, containerId)
      yield state
      const monitor = isUp(state) ? await subscribe(paths, containerId, signal) : undefined
      if (monitor !== undefined) {
        changed.stop()
        yield* statesOf(monitor)
      } else if (isUp(state)) await Promise.race([changed.heard, delay(LOOK_AGAIN_MS)])
      else if (!isUp(readState(paths, containerId))) await changed.heard
    } finally {
      changed.stop()
    }
  }
}

/** Ends when the monitor does; whoever goes on reads the file again. */
async function* statesOf(monitor: ControlConnection): AsyncGenerator<ContainerStateRecord> {
  if (monitor.answer.state !== undefined) yield monitor.answer.state
  yield* laterStates(monitor)
}

function subscribe(
  paths: StatePaths,
  containerId: string,
  signal: AbortSignal,
): Promise<ControlConnection | undefined> {
  return open(controlSocketPath(paths, containerId), { op: 'subscribe' }, signal).catch(unlessLost)
}

/** It ended between our look at its state and our question, or we were told to stop. */
function unlessLost(error: unknown): undefined {
  if (error instanceof DriverError && (error.code === 'monitor-lost' || error.code === 'cancelled')) return undefined
  throw error
}

interface Change {
  readonly heard: Promise<void>
  readonly stop: () => void
}

/** The next replacement of state.json, or the end of the container's directory. */
function nextChange(paths: StatePaths, containerId: string, signal: AbortSignal): Change {
  const directory = containerDir(paths, containerId)
  let stop = (): void => {}
  const heard = new Promise<void>((resolve) => {
    const watcher = watch(directory, (_event, name) => {
      if (name === null || name === 'state.json' || name === containerId) stop()
    })
    watcher.on('error', () => stop())
    stop = () => {
      watcher.close()
      signal.removeEventListener('abort', stop)
      resolve()
    }
    signal.addEventListener('abort', stop)
    if (signal.aborted) stop()
  })
  return { heard, stop: () => stop() }
}
