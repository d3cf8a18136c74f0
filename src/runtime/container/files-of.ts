/** The files of one container, whether it runs or not. */
import { DriverError } from '../../driver/driver.ts'
import type { Runtime } from '../runtime.ts'
import { containerDir } from '../state/paths.ts'
import type { FileHand, FilePlace, Whose } from './files.ts'
import { underContainerLock } from './lock.ts'
import { requireContainer } from './record.ts'
import { isUp, readState } from './state.ts'
import { sweepLost } from './sweep.ts'

/** Where the files are, as one side of a copy. */
export interface Side {
  readonly hand: FileHand
  readonly at: (path: string) => FilePlace
  /** How a path of it is called in messages. */
  readonly said: (path: string) => string
}

/** The side that is a container. */
export interface ContainerSide extends Side {
  readonly whose: Whose
}

/**
 * A container that does not run is put together from its layers for as long as they are used; the lock keeps it from being started meanwhile.
 * Of one that runs, its own view of its files is used.
 */
export async function withFiles(
  runtime: Runtime,
  containerId: string,
  signal: AbortSignal,
  use: (side: ContainerSide) => Promise<void>,
): Promise<void> {
  const { containerName } = requireContainer(runtime.paths, containerId)
  const directory = containerDir(runtime.paths, containerId)
  const side = (pid: number): ContainerSide => ({
    hand: { program: runtime.native().filesPath, signal },
    whose: { directory, pid },
    at: (path) => ({ container: { directory, pid }, path }),
    said: (path) => `"${path}" in container "${containerName}"`,
  })
  const state = readState(runtime.paths, containerId)
  if (isUp(state)) {
    if (state.pid === 0) throw new DriverError('refused', `container "${containerName}" is being restarted; try again`)
    return use(side(state.pid))
  }
  await underContainerLock(runtime, { containerId, signal }, async () => {
    const { pid } = await sweepLost(runtime, containerId)
    await use(side(pid))
  })
}
