/** Makes a container: decides everything, then writes its directory aside, and shows it under its name in one step. */
import { mkdirSync, renameSync } from 'node:fs'
import type { ContainerSpec } from '../../driver/driver.ts'
import { enterEvent } from '../event/journal.ts'
import { prepareDirectories, type Runtime } from '../runtime.ts'
import { halfMadePath, underHalfMadeLock } from '../state/half-made.ts'
import { writeLasting } from '../state/lasting-record.ts'
import { underLock } from '../state/lock.ts'
import { claimName } from '../state/names.ts'
import { containerDir } from '../state/paths.ts'
import { writeRecord } from '../state/record-file.ts'
import { volumeDir } from '../volume/record.ts'
import { type Draft, draftOf } from './draft.ts'
import { containerNames, containersLock, refuseTakenName } from './names.ts'
import { makeSources, newVolumes, writeContents } from './place-mounts.ts'
import type { ContainerImage } from './spec/image.ts'
import { refuseUnsupported } from './spec/refusals.ts'
import { writeTakeAlong } from './take-along.ts'

/** Returns the new id. `name-in-use` when another one has the name. */
export async function createContainer(
  runtime: Runtime,
  container: { readonly spec: ContainerSpec; readonly image: ContainerImage },
  signal: AbortSignal,
): Promise<string> {
  refuseUnsupported(container.spec)
  prepareDirectories(runtime)
  refuseTakenName(runtime.paths, container.spec.containerName)
  const draft = draftOf(runtime.paths, container.spec, container.image)
  await underHalfMadeLock(runtime, signal, () => publish(runtime, draft, signal))
  enterEvent(runtime.paths, { record: draft.record, action: 'create' })
  return draft.record.containerId
}

async function publish(runtime: Runtime, draft: Draft, signal: AbortSignal): Promise<void> {
  const { paths } = runtime
  const { containerId, containerName } = draft.record
  const half = halfMadePath(paths.containersDir)
  const volumes = newVolumes(draft.spec, draft.mounts)
  try {
    writeDirectory(half, draft)
    if (volumes.length > 0) writeTakeAlong(half, volumes)
    makeSources(paths, draft.spec, draft.mounts)
    await underLock(runtime.native().addon, containersLock(runtime, signal), () => {
      refuseTakenName(paths, containerName)
      claimName(containerNames(paths), containerName, { id: containerId, directory: half })
      renameSync(half, containerDir(paths, containerId))
    })
  } catch (error) {
    const { removeTree } = runtime.native().addon
    await Promise.all([half, ...volumes.map((name) => volumeDir(paths, name))].map((made) => removeTree(made)))
    throw error
  }
}

function writeDirectory(directory: string, { spec, document, record }: Draft): void {
  mkdirSync(directory, { mode: 0o700 })
  mkdirSync(`${directory}/upper`, { mode: 0o755 })
  mkdirSync(`${directory}/work`, { mode: 0o755 })
  writeContents(directory, spec)
  writeRecord(`${directory}/spec.json`, document)
  writeLasting(`${directory}/config.json`, record)
}
