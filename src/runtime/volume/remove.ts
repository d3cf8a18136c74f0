/** Takes volumes away, with what they hold. */
import { renameSync } from 'node:fs'
import { DriverError } from '../../driver/driver.ts'
import { containersLock } from '../container/names.ts'
import { listContainers } from '../container/record.ts'
import { prepareDirectories, type Runtime } from '../runtime.ts'
import { halfMadePath, underHalfMadeLock } from '../state/half-made.ts'
import { underLock } from '../state/lock.ts'
import { readVolume, volumeDir } from './record.ts'

/** Done when it is gone, also when it was never there; `volume-in-use` while a container has it, running or not. */
export async function removeVolume(runtime: Runtime, volumeName: string, signal: AbortSignal): Promise<void> {
  if (readVolume(runtime.paths, volumeName) === undefined) return
  prepareDirectories(runtime)
  await underHalfMadeLock(runtime, signal, () => takeVolumeAway(runtime, volumeName, signal))
}

/** The same for callers who hold the lock on half-made things already. */
export async function takeVolumeAway(runtime: Runtime, volumeName: string, signal: AbortSignal): Promise<void> {
  const half = halfMadePath(runtime.paths.volumesDir)
  await underLock(runtime.native().addon, containersLock(runtime, signal), () => {
    if (readVolume(runtime.paths, volumeName) === undefined) return
    refuseInUse(runtime, volumeName)
    renameSync(volumeDir(runtime.paths, volumeName), half)
  })
  await runtime.native().addon.removeTree(half)
}

function refuseInUse({ paths }: Runtime, volumeName: string): void {
  const users = usersOf(paths, volumeName)
  if (users.length === 0) return
  throw new DriverError('volume-in-use', `volume "${volumeName}" is in use by ${users.join(', ')}`, {
    hint: 'remove those containers first',
  })
}

function usersOf(paths: Runtime['paths'], volumeName: string): string[] {
  return listContainers(paths)
    .filter((record) => record.mounts.some((mount) => mount.kind === 'volume' && mount.name === volumeName))
    .map((record) => `"${record.containerName}"`)
}
