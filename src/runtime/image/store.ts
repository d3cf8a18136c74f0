/**
 * Where images are: an OCI layout (`images/`: oci-layout, index.json, blobs/sha256/HEX) and the unpacked layers
 * (`layers/DIFF_ID/fs`). index.json is the truth; its annotations say enough to find an image without further reading.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Native, NativeAddon } from '../native.ts'
import { underLock } from '../state/lock.ts'
import type { StatePaths } from '../state/paths.ts'
import { readText, replaceText } from '../state/record-file.ts'
import { type Descriptor, hexOf, type ImageDocument, type Index, MEDIA, parseIndex } from './document.ts'

export interface ImageStore {
  readonly imagesDir: string
  readonly blobsDir: string
  readonly layersDir: string
  /** Configurations that have been read, by the image's id: what has a digest for its name stays as it is. */
  readonly documents: Map<string, ImageDocument>
  readonly addon: () => NativeAddon
  /** Layers keep their owners only when root unpacks them. */
  readonly owners: 'archive' | 'caller'
}

/** One entry of index.json: an image under one name, or without a name. */
export interface IndexEntry {
  readonly manifest: Descriptor
  /** Full name; undefined when the image lost its last one. */
  readonly reference?: string
  readonly imageId: string
  readonly sizeBytes: number
  /** When it was made; entries of older stores don't tell. */
  readonly createdAtMs?: number
  /** When the name was given to it, or found at its registry to be the same still. */
  readonly checkedAtMs?: number
  /** The index of several images that the name stands for; its document is among the blobs. */
  readonly indexDigest?: string
  /**
   * Where it is known to be, from pulls and pushes: `docker.io/library/redis@sha256:…`, by what it is known there. Without a digest
   * only what it is made on top of is there.
   */
  readonly origins?: readonly string[]
}

const REFERENCE = 'org.opencontainers.image.ref.name'
const IMAGE_ID = 'io.tscompose.image.id'
const SIZE = 'io.tscompose.image.size'
const CREATED = 'io.tscompose.image.created'
const CHECKED = 'io.tscompose.image.checked'
const INDEX = 'io.tscompose.image.index'
const ORIGINS = 'io.tscompose.image.origins'
const PRIVATE = 0o700

/** Touches nothing yet; the native part is loaded when something is written. */
export function openStore(paths: Pick<StatePaths, 'dataDir'>, native: () => Native): ImageStore {
  const imagesDir = join(paths.dataDir, 'images')
  return {
    imagesDir,
    blobsDir: join(imagesDir, 'blobs', 'sha256'),
    layersDir: join(paths.dataDir, 'layers'),
    documents: new Map(),
    addon: () => native().addon,
    owners: process.geteuid?.() === 0 ? 'archive' : 'caller',
  }
}

/** In the order of the file; empty when nothing was ever stored. */
export function readIndex(store: ImageStore): readonly IndexEntry[] {
  const text = readText(indexPath(store))
  return text === undefined ? [] : parseIndex(text).manifests.map(entryOf)
}

/** Changes the index under its lock. What `change` returns as `result` is handed on. */
export async function changeIndex<T>(
  store: ImageStore,
  change: (entries: readonly IndexEntry[]) => { readonly entries: readonly IndexEntry[]; readonly result: T },
  signal: AbortSignal,
): Promise<T> {
  prepareStore(store)
  const lock = { path: join(store.imagesDir, 'index.lock'), mode: 'exclusive', signal } as const
  return underLock(store.addon(), lock, () => {
    const before = readIndex(store)
    const { entries, result } = change(before)
    if (entries !== before) writeIndex(store, entries)
    return result
  })
}

/**
 * Held shared by whoever brings content in, until the index names it; held exclusively by whoever removes content
 * that nothing names.
 */
export function contentLock(store: ImageStore): string {
  prepareStore(store)
  return join(store.imagesDir, 'content.lock')
}

export function prepareStore(store: ImageStore): void {
  mkdirSync(store.blobsDir, { recursive: true, mode: PRIVATE })
  const isNew = mkdirSync(store.layersDir, { recursive: true, mode: PRIVATE }) !== undefined
  // Layers are unpacked side by side: each finds places of its own for its many files.
  if (isNew) store.addon().spreadSubdirectories(store.layersDir)
}

export function blobPath(store: ImageStore, digest: string): string {
  return join(store.blobsDir, hexOf(digest))
}

export function layerDir(store: ImageStore, diffId: string): string {
  return join(store.layersDir, hexOf(diffId))
}

/** One lock for each blob that is being brought in; only the holder of the content lock may remove them. */
export function lockDir(store: ImageStore): string {
  return join(store.imagesDir, 'locks')
}

function indexPath(store: ImageStore): string {
  return join(store.imagesDir, 'index.json')
}

function writeIndex(store: ImageStore, entries: readonly IndexEntry[]): void {
  const index: Index = { schemaVersion: 2, mediaType: MEDIA.index, manifests: entries.map(descriptorOf) }
  const layout = join(store.imagesDir, 'oci-layout')
  if (readText(layout) === undefined) replaceText(layout, JSON.stringify({ imageLayoutVersion: '1.0.0' }))
  replaceText(indexPath(store), `${JSON.stringify(index)}\n`)
}

function entryOf(manifest: Descriptor): IndexEntry {
  const { annotations = {} } = manifest
  const { [REFERENCE]: reference, [IMAGE_ID]: imageId = '', [SIZE]: size = '0' } = annotations
  const { [CREATED]: created, [CHECKED]: checked, [INDEX]: indexDigest, [ORIGINS]: origins } = annotations
  return {
    manifest,
    imageId,
    sizeBytes: Number(size),
    ...(reference === undefined ? {} : { reference }),
    ...(created === undefined ? {} : { createdAtMs: Number(created) }),
    ...(checked === undefined ? {} : { checkedAtMs: Number(checked) }),
    ...(indexDigest === undefined ? {} : { indexDigest }),
    ...(origins === undefined ? {} : { origins: origins.split(' ') }),
  }
}

function descriptorOf(entry: IndexEntry): Descriptor {
  const { manifest, reference, imageId, sizeBytes, createdAtMs, checkedAtMs, indexDigest, origins = [] } = entry
  const annotations = {
    ...(reference === undefined ? {} : { [REFERENCE]: reference }),
    [IMAGE_ID]: imageId,
    [SIZE]: String(sizeBytes),
    ...(createdAtMs === undefined ? {} : { [CREATED]: String(createdAtMs) }),
    ...(checkedAtMs === undefined ? {} : { [CHECKED]: String(checkedAtMs) }),
    ...(indexDigest === undefined ? {} : { [INDEX]: indexDigest }),
    ...(origins.length === 0 ? {} : { [ORIGINS]: origins.join(' ') }),
  }
  return { ...manifest, annotations }
}
