/** `image import`: a root file system in one archive becomes an image of one layer. */
import { renameSync } from 'node:fs'
import type { ImageConfig } from '../container/spec/image.ts'
import { takeLock } from '../state/lock.ts'
import { removeIfThere } from '../state/record-file.ts'
import { addImage } from './add.ts'
import { partialPath } from './blob.ts'
import { applyChange } from './change.ts'
import { type ImageDocument, layerMediaType, type Platform } from './document.ts'
import { fullName, parseReference } from './reference.ts'
import { blobPath, contentLock, type ImageStore } from './store.ts'
import { type Unpacked, type UnpackRequest, unpackArchive } from './unpack.ts'

export interface ImportOptions {
  readonly source: UnpackRequest['source']
  /** As the user wrote it; without one the image has only its id. */
  readonly reference?: string
  /** Dockerfile instructions. */
  readonly changes: readonly string[]
  readonly message: string
  readonly platform: Platform
  readonly now: Date
}

/** Returns the image's id. The input is read once: unpacked, hashed and kept in the same pass. */
export async function importRootfs(store: ImageStore, options: ImportOptions, signal: AbortSignal): Promise<string> {
  // What can be wrong with the words is found before any work.
  const references = options.reference === undefined ? [] : [fullName(parseReference(options.reference))]
  const config = options.changes.reduce<ImageConfig>(applyChange, {})
  const release = await takeLock(store.addon(), { path: contentLock(store), mode: 'shared', signal })
  try {
    const layer = await bringIn(store, options.source, signal)
    const configText = JSON.stringify(documentOf(config, layer, options))
    const descriptor = { mediaType: layerMediaType(layer.compression), digest: layer.digest, size: layer.inputBytes }
    return await addImage(
      store,
      { configText, layers: [descriptor], sizeBytes: layer.contentBytes, references },
      signal,
    )
  } finally {
    release()
  }
}

async function bringIn(store: ImageStore, source: UnpackRequest['source'], signal: AbortSignal): Promise<Unpacked> {
  const copyTo = partialPath(store)
  try {
    const request = { source, target: { layers: store.layersDir }, owners: store.owners, copyTo }
    const layer = await unpackArchive(store.addon(), request, signal)
    renameSync(copyTo, blobPath(store, layer.digest))
    return layer
  } catch (error) {
    removeIfThere(copyTo)
    throw error
  }
}

function documentOf(config: ImageConfig, layer: Unpacked, options: ImportOptions): ImageDocument {
  const created = options.now.toISOString()
  return {
    ...options.platform,
    config,
    created,
    history: [{ created, comment: options.message }],
    rootfs: { type: 'layers', diff_ids: [layer.diffId] },
  }
}
