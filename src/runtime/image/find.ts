/** Finds images by reference, id, short id or digest: index.json and one configuration are read, nothing more. */
import { join } from 'node:path'
import { DriverError, type ObservedImage } from '../../driver/driver.ts'
import type { ContainerImage } from '../container/spec/image.ts'
import { readDocument } from './blob.ts'
import { createdAtMs, type ImageDocument, MAX_BYTES, parseImageDocument } from './document.ts'
import { platformText } from './platform.ts'
import { familiarName, fullName, parseReference, tryParseReference } from './reference.ts'
import { type ImageStore, type IndexEntry, layerDir, readIndex } from './store.ts'

export interface StoredImage {
  /** `sha256:…` of the configuration. */
  readonly imageId: string
  readonly manifestDigest: string
  /** Full names, sorted. */
  readonly references: readonly string[]
  readonly sizeBytes: number
  /** 0 when the image does not tell. */
  readonly createdAtMs: number
  readonly checkedAtMs?: number
  readonly indexDigest?: string
  /** As its entries have them. */
  readonly origins: readonly string[]
  readonly document: ImageDocument
}

export function findImage(store: ImageStore, text: string): StoredImage | undefined {
  const entries = readIndex(store)
  const entry = findEntry(entries, text)
  return entry === undefined ? undefined : openImage(store, entries, entry)
}

/** As `findImage`, and says how to get an image that is not there. */
export function requireImage(store: ImageStore, text: string): StoredImage {
  return findImage(store, text) ?? refuseMissing(text)
}

/** A name goes before an id that looks like it, as in Docker. */
export function findEntry(entries: readonly IndexEntry[], text: string): IndexEntry | undefined {
  const reference = tryParseReference(text)
  const name = reference === undefined ? undefined : fullName(reference)
  const named = entries.find((one) => one.reference !== undefined && one.reference === name)
  if (named !== undefined) return named
  if (reference?.digest !== undefined) return findByDigest(entries, fullName(reference), reference.digest)
  const byId = findById(entries, text)
  // Text that can be neither is an error of its own.
  if (byId === undefined && name === undefined && !ID.test(text)) parseReference(text)
  return byId
}

export function openImage(store: ImageStore, entries: readonly IndexEntry[], entry: IndexEntry): StoredImage {
  const same = entries.filter((one) => one.imageId === entry.imageId)
  const references = same.flatMap(({ reference }) => (reference === undefined ? [] : [reference]))
  const document = documentOf(store, entry.imageId)
  return {
    imageId: entry.imageId,
    manifestDigest: entry.manifest.digest,
    references: references.sort(),
    sizeBytes: entry.sizeBytes,
    createdAtMs: createdAtMs(document),
    ...(entry.checkedAtMs === undefined ? {} : { checkedAtMs: entry.checkedAtMs }),
    ...(entry.indexDigest === undefined ? {} : { indexDigest: entry.indexDigest }),
    origins: [...new Set(same.flatMap(({ origins = [] }) => origins))],
    document,
  }
}

function documentOf(store: ImageStore, imageId: string): ImageDocument {
  const known = store.documents.get(imageId)
  if (known !== undefined) return known
  const document = parseImageDocument(readDocument(store, imageId, MAX_BYTES.config))
  store.documents.set(imageId, document)
  return document
}

/** The unpacked layers, topmost first: the order overlayfs wants. */
export function layerDirs(store: ImageStore, image: StoredImage): readonly string[] {
  return image.document.rootfs.diff_ids.map((diffId) => join(layerDir(store, diffId), 'fs')).reverse()
}

export function observedImageOf(image: StoredImage): ObservedImage {
  const { document, imageId, references, sizeBytes, checkedAtMs } = image
  const { config } = document
  return {
    imageId,
    references: references.map((one) => familiarName(parseReference(one))),
    sizeBytes,
    createdAtMs: image.createdAtMs,
    ...(checkedAtMs === undefined ? {} : { checkedAtMs }),
    platform: platformText(document),
    labels: config?.Labels ?? {},
    volumes: Object.keys(config?.Volumes ?? {}),
    exposedPorts: Object.keys(config?.ExposedPorts ?? {}),
    hasHealthcheck: config?.Healthcheck?.Test?.length ? config.Healthcheck.Test[0] !== 'NONE' : false,
  }
}

export function containerImageOf(store: ImageStore, image: StoredImage): ContainerImage {
  return { imageId: image.imageId, config: image.document.config ?? {}, layers: layerDirs(store, image) }
}

export function refuseMissing(text: string): never {
  throw new DriverError('image-not-found', `image "${text}" is not there`, {
    hint: `fetch it with "tscompose image pull ${text}", or bring it in with "tscompose image load"`,
  })
}

const ID = /^(?:sha256:)?[a-f0-9]{1,64}$/

function findById(entries: readonly IndexEntry[], text: string): IndexEntry | undefined {
  if (!ID.test(text)) return undefined
  const prefix = text.startsWith('sha256:') ? text : `sha256:${text}`
  const found = entries.filter(({ imageId }) => imageId.startsWith(prefix))
  if (new Set(found.map(({ imageId }) => imageId)).size > 1) {
    throw new DriverError('refused', `"${text}" is the beginning of several image ids`, { hint: 'give more digits' })
  }
  return found[0]
}

/** `redis@sha256:…` also means an image of that repository whose manifest has this digest. */
function findByDigest(entries: readonly IndexEntry[], name: string, digest: string): IndexEntry | undefined {
  const repository = name.slice(0, name.indexOf('@'))
  return entries.find(
    ({ manifest, reference, indexDigest }) =>
      (manifest.digest === digest || indexDigest === digest) &&
      (reference === undefined || reference.startsWith(`${repository}:`)),
  )
}
