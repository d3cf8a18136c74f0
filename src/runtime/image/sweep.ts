/** Removes blobs and layers that no image names, and what writers that died have left. */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { tryLock } from '../state/lock.ts'
import { listNames, removeIfThere } from '../state/record-file.ts'
import { readDocument } from './blob.ts'
import { hexOf, MAX_BYTES, parseImageDocument, parseManifest } from './document.ts'
import { contentOfIndex } from './index-content.ts'
import { sizeOfLayer } from './layer-sizes.ts'
import { contentLock, type ImageStore, lockDir, readIndex } from './store.ts'

/** Returns the bytes that came free. Does nothing while somebody brings content in: the next removal does it then. */
export async function sweepContent(store: ImageStore, signal: AbortSignal): Promise<number> {
  const release = tryLock(store.addon(), { path: contentLock(store), mode: 'exclusive' })
  if (release === undefined) return 0
  try {
    const { blobs, layers } = namedContent(store)
    await sweepPartial(store)
    const layerBytes = await sweepLayers(store, layers, signal)
    return layerBytes + sweepBlobs(store, blobs)
  } finally {
    release()
  }
}

function namedContent(store: ImageStore): {
  readonly blobs: ReadonlySet<string>
  readonly layers: ReadonlySet<string>
} {
  const blobs = new Set<string>()
  const layers = new Set<string>()
  for (const { manifest, imageId, indexDigest } of readIndex(store)) {
    for (const digest of indexDigest === undefined ? [] : contentOfIndex(store, indexDigest)) blobs.add(hexOf(digest))
    const { config, layers: parts } = parseManifest(readDocument(store, manifest.digest, MAX_BYTES.manifest))
    for (const { digest } of [manifest, config, ...parts]) blobs.add(hexOf(digest))
    const document = parseImageDocument(readDocument(store, imageId, MAX_BYTES.config))
    for (const diffId of document.rootfs.diff_ids) layers.add(hexOf(diffId))
  }
  return { blobs, layers }
}

async function sweepLayers(store: ImageStore, named: ReadonlySet<string>, signal: AbortSignal): Promise<number> {
  let bytes = 0
  for (const name of listNames(store.layersDir)) {
    if (named.has(name) || signal.aborted) continue
    bytes += sizeOfLayer(join(store.layersDir, name))
    await store.addon().removeTree(join(store.layersDir, name))
  }
  return bytes
}

function sweepBlobs(store: ImageStore, named: ReadonlySet<string>): number {
  let bytes = 0
  for (const name of listNames(store.blobsDir)) {
    if (named.has(name)) continue
    bytes += statSync(join(store.blobsDir, name)).size
    removeIfThere(join(store.blobsDir, name))
  }
  return bytes
}

/** Archives that were being loaded when their reader died, and the locks of blobs: nobody holds one while the content lock is ours. */
async function sweepPartial(store: ImageStore): Promise<void> {
  const left = readdirSync(store.imagesDir).filter((name) => name.startsWith('.partial-'))
  for (const name of left) await store.addon().removeTree(join(store.imagesDir, name))
  for (const name of listNames(lockDir(store))) removeIfThere(join(lockDir(store), name))
}
