/** A container's file system as one archive, and what it has changed as a layer for an image. */
import { closeSync, fsyncSync, openSync, writeFileSync } from 'node:fs'
import { enterEvent } from '../event/journal.ts'
import type { Runtime } from '../runtime.ts'
import { containerDir } from '../state/paths.ts'
import { packTo } from './files.ts'
import { withFiles } from './files-of.ts'
import { requireContainer } from './record.ts'

/** Volumes and what else is mounted are left out, as in `docker export`. */
export async function exportFiles(
  runtime: Runtime,
  { containerId, write }: { readonly containerId: string; readonly write: (data: Uint8Array) => void },
  signal: AbortSignal,
): Promise<void> {
  await withFiles(runtime, containerId, signal, async ({ hand, whose }) => {
    await packTo(hand, { op: 'export', container: whose }, write)
  })
  enterEvent(runtime.paths, { record: requireContainer(runtime.paths, containerId), action: 'export' })
}

/** Into a new file, which is on the disk afterwards. */
export async function writeLayer(
  runtime: Runtime,
  { containerId, path }: { readonly containerId: string; readonly path: string },
  signal: AbortSignal,
): Promise<void> {
  const descriptor = openSync(path, 'wx', 0o600)
  try {
    await withFiles(runtime, containerId, signal, async ({ hand }) => {
      const directory = containerDir(runtime.paths, containerId)
      await packTo(hand, { op: 'layer', directory }, (data) => writeFileSync(descriptor, data))
    })
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
