/** Brings one layer into the store: fetched, verified, kept and unpacked in the same pass, by one process at a time. */
import { closeSync, existsSync, mkdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import type { PullEvent } from '../../../driver/driver.ts'
import { takeLock } from '../../state/lock.ts'
import { removeIfThere } from '../../state/record-file.ts'
import { partialPath } from '../blob.ts'
import { compressionOf, type Descriptor, hexOf } from '../document.ts'
import { sizeOfLayer } from '../layer-sizes.ts'
import { familiarName, type Reference } from '../reference.ts'
import { refusedLayer } from '../refused-layer.ts'
import type { RegistryClient } from '../registry/client.ts'
import { blobPath, type ImageStore, layerDir, lockDir } from '../store.ts'
import { type UnpackRequest, unpackArchive } from '../unpack.ts'
import { downloadInto } from './layer-download.ts'

export interface LayerRequest {
  readonly client: RegistryClient
  readonly reference: Reference
  readonly layer: Descriptor
  readonly diffId: string
  readonly onEvent: (event: PullEvent) => void
  readonly signal: AbortSignal
}

/** Returns the bytes of its files. */
export async function bringLayer(store: ImageStore, request: LayerRequest): Promise<number> {
  const { layer, diffId, signal } = request
  const tell = teller(request)
  if (!isThere(store, request)) {
    mkdirSync(lockDir(store), { recursive: true, mode: 0o700 })
    const path = join(lockDir(store), hexOf(layer.digest))
    const release = await takeLock(store.addon(), { path, mode: 'exclusive', signal })
    try {
      // Whoever had the lock may have brought it.
      if (!isThere(store, request)) await unpack(store, request, tell)
    } finally {
      release()
    }
  }
  tell('done', layer.size)
  return sizeOfLayer(layerDir(store, diffId))
}

export function isThere(store: ImageStore, { layer, diffId }: Pick<LayerRequest, 'layer' | 'diffId'>): boolean {
  return existsSync(blobPath(store, layer.digest)) && existsSync(layerDir(store, diffId))
}

type Tell = (status: 'downloading' | 'unpacking' | 'done', currentBytes: number) => void

async function unpack(store: ImageStore, request: LayerRequest, tell: Tell): Promise<void> {
  const { layer, diffId } = request
  const compression = compressionOf(layer.mediaType)
  const known = { digest: layer.digest, diffId, ...(compression === undefined ? {} : { compression }) }
  const how = { target: { layers: store.layersDir }, owners: store.owners, ...known }
  const path = blobPath(store, layer.digest)
  try {
    if (existsSync(path)) {
      tell('unpacking', layer.size)
      await unpackArchive(store.addon(), { source: { path }, ...how }, request.signal)
    } else await fetchAndUnpack(store, how, { request, tell })
  } catch (error) {
    throw refusedLayer(error, { image: familiarName(request.reference), layer: layer.digest }, store)
  }
}

/** Both sides of a pipe: whichever fails first ends the other. */
async function fetchAndUnpack(
  store: ImageStore,
  how: Omit<UnpackRequest, 'source'>,
  { request, tell }: { readonly request: LayerRequest; readonly tell: Tell },
): Promise<void> {
  const copyTo = partialPath(store)
  const [read, write] = store.addon().openPipe()
  const stop = new AbortController()
  const signal = AbortSignal.any([request.signal, stop.signal])
  const onBytes = (bytes: number): void => tell(bytes < request.layer.size ? 'downloading' : 'unpacking', bytes)
  let failure: unknown
  const failed = (error: unknown): void => {
    failure ??= error
    stop.abort()
  }
  // Closed by us as well, or the writer would never see that nobody reads any more.
  const unpacking = unpackArchive(store.addon(), { source: { descriptor: read }, copyTo, ...how }, signal)
    .catch(failed)
    .finally(() => closeSync(read))
  await Promise.all([unpacking, downloadInto(write, { ...request, onBytes, signal }).catch(failed)])
  if (failure !== undefined) {
    removeIfThere(copyTo)
    throw failure
  }
  renameSync(copyTo, blobPath(store, request.layer.digest))
}

const TELL_EVERY_MS = 100

function teller({ layer, onEvent }: LayerRequest): Tell {
  let told = ''
  let toldAtMs = 0
  return (status, currentBytes) => {
    const nowMs = performance.now()
    if (status === told && nowMs - toldAtMs < TELL_EVERY_MS) return
    told = status
    toldAtMs = nowMs
    onEvent({ kind: 'layer', digest: layer.digest, status, currentBytes, totalBytes: layer.size })
  }
}
