/** Freezes a container's programs, and lets them go on. */
import type { Runtime } from '../runtime.ts'
import { ask } from './ask.ts'
import { ControlRefusal } from './control-answer.ts'
import { requireContainer } from './record.ts'
import { isUp, readState } from './state.ts'
import { notRunning } from './stop.ts'

export async function pauseContainer(runtime: Runtime, containerId: string, signal: AbortSignal): Promise<void> {
  await askMonitor(runtime, { containerId, op: 'pause', signal })
}

export async function unpauseContainer(runtime: Runtime, containerId: string, signal: AbortSignal): Promise<void> {
  await askMonitor(runtime, { containerId, op: 'unpause', signal })
}

interface PauseRequest {
  readonly containerId: string
  readonly op: 'pause' | 'unpause'
  readonly signal: AbortSignal
}

/** The monitor says "the container"; people want to know which. */
async function askMonitor(runtime: Runtime, { containerId, op, signal }: PauseRequest): Promise<void> {
  const { containerName } = requireContainer(runtime.paths, containerId)
  if (!isUp(readState(runtime.paths, containerId))) throw notRunning(containerName)
  try {
    await ask(runtime, { containerId, op }, signal)
  } catch (error) {
    if (!(error instanceof ControlRefusal)) throw error
    throw error.of(containerName)
  }
}
