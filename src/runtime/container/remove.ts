/** Takes a container away: its process, its name, its files, and on request its anonymous volumes. */
import { existsSync, renameSync } from 'node:fs'
import { DriverError } from '../../driver/driver.ts'
import { enterEvent } from '../event/journal.ts'
import { prepareDirectories, type Runtime } from '../runtime.ts'
import { halfMadePath, underHalfMadeLock } from '../state/half-made.ts'
import { underLock } from '../state/lock.ts'
import { releaseOwnName } from '../state/names.ts'
import { containerDir, controlSocketPath, type StatePaths } from '../state/paths.ts'
import { removeIfThere } from '../state/record-file.ts'
import { readVolume } from '../volume/record.ts'
import { underContainerLock } from './lock.ts'
import { tryMonitorLock } from './monitor.ts'
import { containerNames, containersLock } from './names.ts'
import { type ContainerRecord, readContainer } from './record.ts'
import { endContainer } from './stop.ts'
import { sweep } from './sweep.ts'
import { removeWithVolumes, writeTakeAlong } from './take-along.ts'

interface RemoveOptions {
  readonly anonymousVolumes: boolean
  readonly signal: AbortSignal
}

/** Kills it first when it runs. Done when it is gone. */
export async function removeContainer(runtime: Runtime, containerId: string, options: RemoveOptions): Promise<void> {
  const { paths } = runtime
  if (!existsSync(containerDir(paths, containerId))) return
  prepareDirectories(runtime)
  try {
    await underHalfMadeLock(runtime, options.signal, async () => {
      const record = recordOf(paths, containerId)
      const half = await takeAway(runtime, containerId, options)
      if (record !== undefined) enterEvent(paths, { record, action: 'destroy' })
      await removeWithVolumes(runtime, half, options.signal)
    })
  } catch (error) {
    // Somebody else was quicker.
    if (!(error instanceof DriverError) || error.code !== 'container-not-found') throw error
  }
  removeIfThere(controlSocketPath(paths, containerId))
}

/** With the monitor's own lock held: a monitor that a killed command has left may start the container at any moment. */
async function takeAway(runtime: Runtime, containerId: string, options: RemoveOptions): Promise<string> {
  for (;;) {
    await end(runtime, containerId, options.signal)
    const release = tryMonitorLock(runtime, containerId)
    if (release === undefined) continue
    try {
      return await hide(runtime, containerId, options)
    } finally {
      release()
    }
  }
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
async function hide(
  runtime: Runtime,
  containerId: string,
  { anonymousVolumes, signal }: RemoveOptions,
): Promise<string> {
  const { paths, native } = runtime
  const half = halfMadePath(paths.containersDir)
  await underContainerLock(runtime, { containerId, signal }, () =>
    underLock(native().addon, containersLock(runtime, signal), () => {
      const record = recordOf(paths, containerId)
      const directory = containerDir(paths, containerId)
      const names = containerNames(paths)
      writeTakeAlong(directory, anonymousVolumes && record !== undefined ? anonymousOf(paths, record) : [])
      for (const name of [record?.containerName, record?.otherName]) {
        if (name !== undefined) releaseOwnName(names, name, containerId)
      }
      renameSync(directory, half)
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

function anonymousOf(paths: StatePaths, { mounts }: ContainerRecord): readonly string[] {
  return mounts.flatMap(({ kind, name }) =>
    kind === 'volume' && name !== undefined && readVolume(paths, name)?.anonymous ? [name] : [],
  )
}
