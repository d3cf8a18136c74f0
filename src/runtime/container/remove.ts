/** Takes a container away: its process, its name, its files, and on request its anonymous volumes. */
import { existsSync, renameSync } from 'node:fs'
import { DriverError } from '../../driver/driver.ts'
import { prepareDirectories, type Runtime } from '../runtime.ts'
import { halfMadePath, underHalfMadeLock } from '../state/half-made.ts'
import { underLock } from '../state/lock.ts'
import { findByName, releaseName } from '../state/names.ts'
import { containerDir, controlSocketPath, type StatePaths } from '../state/paths.ts'
import { removeIfThere } from '../state/record-file.ts'
import { removeTree } from '../state/remove-tree.ts'
import { readVolume } from '../volume/record.ts'
import { removeVolume } from '../volume/remove.ts'
import { underContainerLock } from './lock.ts'
import { containerNames, containersLock } from './names.ts'
import { type ContainerRecord, readContainer } from './record.ts'
import { endContainer } from './stop.ts'
import { sweep } from './sweep.ts'

/** Kills it first when it runs. Done when it is gone. */
export async function removeContainer(
  runtime: Runtime,
  containerId: string,
  options: { readonly anonymousVolumes: boolean; readonly signal: AbortSignal },
): Promise<void> {
  const { paths } = runtime
  if (!existsSync(containerDir(paths, containerId))) return
  prepareDirectories(runtime)
  const record = recordOf(paths, containerId)
  try {
    await end(runtime, containerId, options.signal)
    await underHalfMadeLock(runtime, options.signal, async () => {
      await removeTree(await hide(runtime, containerId, options.signal))
    })
  } catch (error) {
    // Somebody else was quicker.
    if (!(error instanceof DriverError) || error.code !== 'container-not-found') throw error
  }
  removeIfThere(controlSocketPath(paths, containerId))
  if (options.anonymousVolumes && record !== undefined) await removeAnonymous(runtime, record, options.signal)
}

/** A state that is damaged tells nothing: whatever runs is ended by force. */
async function end(runtime: Runtime, containerId: string, signal: AbortSignal): Promise<void> {
  try {
    await endContainer(runtime, containerId, signal)
  } catch (error) {
    if (!(error instanceof DriverError) || error.code !== 'state-broken') throw error
    await sweep(runtime, containerId)
  }
}

/** From here on nobody sees it; what follows may be interrupted, and is then finished by a later command. */
async function hide(runtime: Runtime, containerId: string, signal: AbortSignal): Promise<string> {
  const { paths, native } = runtime
  const half = halfMadePath(paths.containersDir)
  const name = recordOf(paths, containerId)?.containerName
  await underContainerLock(runtime, { containerId, signal }, () =>
    underLock(native().addon, containersLock(runtime, signal), () => {
      const names = containerNames(paths)
      if (name !== undefined && findByName(names, name) === containerId) releaseName(names, name)
      renameSync(containerDir(paths, containerId), half)
    }),
  )
  return half
}

/** A container whose record is damaged can be removed all the same. */
function recordOf(paths: StatePaths, containerId: string): ContainerRecord | undefined {
  try {
    return readContainer(paths, containerId)
  } catch {
    return undefined
  }
}

async function removeAnonymous(runtime: Runtime, record: ContainerRecord, signal: AbortSignal): Promise<void> {
  for (const { kind, name } of record.mounts) {
    if (kind !== 'volume' || name === undefined || !readVolume(runtime.paths, name)?.anonymous) continue
    await removeVolume(runtime, name, signal)
  }
}
