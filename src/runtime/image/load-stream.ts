/** Loads an archive while it is still on its way. */
import { closeSync } from 'node:fs'
import { Socket } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { type LoadedImage, type LoadOptions, loadArchive } from './load.ts'
import type { ImageStore } from './store.ts'

export interface ArchiveStream {
  readonly bytes: AsyncIterable<Uint8Array>
  readonly wanted: LoadOptions['wanted']
}

/** Both sides of a pipe: whichever fails first ends the other, and its error is the one that is told. */
export async function loadStream(
  store: ImageStore,
  { bytes, wanted }: ArchiveStream,
  callerSignal: AbortSignal,
): Promise<readonly LoadedImage[]> {
  const [read, write] = store.addon().openPipe()
  const stop = new AbortController()
  const signal = AbortSignal.any([callerSignal, stop.signal])
  const failures: unknown[] = []
  const failed = (error: unknown): void => {
    failures.push(error)
    stop.abort()
  }
  // Closed by us as well, or the writer would never see that nobody reads any more.
  const loading = loadArchive(store, { source: { descriptor: read }, wanted }, signal)
    .catch(failed)
    .finally(() => closeSync(read))
  const pipe = new Socket({ fd: write, readable: false, writable: true })
  const [loaded] = await Promise.all([loading, pipeline(bytes, pipe, { signal }).catch(failed)])
  if (failures.length > 0) throw failures[0]
  return loaded as readonly LoadedImage[]
}
