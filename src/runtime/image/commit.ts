/** `commit`: what a container has changed becomes a layer on top of its image's. */
import { renameSync, statSync } from 'node:fs'
import type { ImageConfig } from '../container/spec/image.ts'
import { takeLock } from '../state/lock.ts'
import { removeIfThere } from '../state/record-file.ts'
import { addImage } from './add.ts'
import { partialPath, readDocument } from './blob.ts'
import { applyChange } from './change.ts'
import { type Descriptor, type ImageDocument, layerMediaType, MAX_BYTES, parseManifest } from './document.ts'
import { requireImage, type StoredImage } from './find.ts'
import { originsOfParts } from './origins.ts'
import { fullName, parseReference } from './reference.ts'
import { blobPath, contentLock, type ImageStore } from './store.ts'
import { type Unpacked, unpackArchive } from './unpack.ts'

export interface Commit {
  /** The container's image. */
  readonly imageId: string
  readonly config: ImageConfig
  /** Its command, as the history tells it. */
  readonly createdBy: string
  /** As the user wrote it; without one the image has only its id. */
  readonly reference?: string
  /** Dockerfile instructions. */
  readonly changes: readonly string[]
  readonly author: string
  readonly message: string
  readonly now: Date
  /** Writes the layer, a tar archive, to a new file. */
  readonly writeLayer: (path: string) => Promise<void>
}

/** Returns the new image's id. */
export async function commitImage(store: ImageStore, commit: Commit, signal: AbortSignal): Promise<string> {
  // What can be wrong with the words is found before any work.
  const references = commit.reference === undefined ? [] : [fullName(parseReference(commit.reference))]
  const config = commit.changes.reduce(applyChange, commit.config)
  const release = await takeLock(store.addon(), { path: contentLock(store), mode: 'shared', signal })
  try {
    const base = requireImage(store, commit.imageId)
    const layer = await bringIn(store, commit.writeLayer, signal)
    const parts = partsOf(store, base, layer)
    const configText = JSON.stringify(documentOf(base.document, layer, { ...commit, config }))
    return await addImage(store, { ...parts, configText, references, origins: originsOfParts(base.origins) }, signal)
  } finally {
    release()
  }
}

const ARCHIVE_END_BYTES = 1024

/** Undefined when nothing was changed: an image has no layer for nothing. */
async function bringIn(
  store: ImageStore,
  writeLayer: Commit['writeLayer'],
  signal: AbortSignal,
): Promise<Unpacked | undefined> {
  const path = partialPath(store)
  try {
    await writeLayer(path)
    if (statSync(path).size <= ARCHIVE_END_BYTES) return undefined
    const request = { source: { path }, target: { layers: store.layersDir }, owners: store.owners }
    const layer = await unpackArchive(store.addon(), request, signal)
    renameSync(path, blobPath(store, layer.digest))
    return layer
  } finally {
    removeIfThere(path)
  }
}

function partsOf(
  store: ImageStore,
  base: StoredImage,
  layer: Unpacked | undefined,
): { readonly layers: readonly Descriptor[]; readonly sizeBytes: number } {
  const { layers } = parseManifest(readDocument(store, base.manifestDigest, MAX_BYTES.manifest))
  if (layer === undefined) return { layers, sizeBytes: base.sizeBytes }
  const { compression, digest, inputBytes, contentBytes } = layer
  const descriptor = { mediaType: layerMediaType(compression), digest, size: inputBytes }
  return { layers: [...layers, descriptor], sizeBytes: base.sizeBytes + contentBytes }
}

function documentOf(base: ImageDocument, layer: Unpacked | undefined, commit: Commit): ImageDocument {
  const { author, message, createdBy, config } = commit
  const created = commit.now.toISOString()
  const entry = {
    created,
    created_by: createdBy,
    ...(author ? { author } : {}),
    ...(message ? { comment: message } : {}),
    ...(layer === undefined ? { empty_layer: true } : {}),
  }
  const diffIds = [...base.rootfs.diff_ids, ...(layer === undefined ? [] : [layer.diffId])]
  // What was said of the image below stays in its history.
  const { author: _author, comment: _comment, ...kept } = base
  return {
    ...kept,
    ...(author ? { author } : {}),
    ...(message ? { comment: message } : {}),
    created,
    config,
    history: [...(base.history ?? []), entry],
    rootfs: { type: 'layers', diff_ids: diffIds },
  }
}
