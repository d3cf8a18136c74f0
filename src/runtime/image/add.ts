/** Puts an image into the index: its documents first, then its name. Content must be there already. */
import { digestOf, putDocument, syncPath } from './blob.ts'
import { createdAtMs, type Descriptor, type Manifest, MEDIA, parseImageDocument } from './document.ts'
import { changeIndex, type ImageStore, type IndexEntry } from './store.ts'

export interface NewImage {
  /** The configuration's very text: its sha256 is the image's id. */
  readonly configText: string
  readonly layers: readonly Descriptor[]
  /** Sum of the unpacked layers. */
  readonly sizeBytes: number
  /** Full names; none leaves it to its id. */
  readonly references: readonly string[]
  readonly origins?: readonly string[]
}

/** Returns the image's id. */
export async function addImage(store: ImageStore, image: NewImage, signal: AbortSignal): Promise<string> {
  const { configText, layers } = image
  const config = {
    mediaType: MEDIA.config,
    digest: digestOf(Buffer.from(configText)),
    size: Buffer.byteLength(configText),
  }
  const manifest: Manifest = { schemaVersion: 2, mediaType: MEDIA.manifest, config, layers }
  const manifestText = JSON.stringify(manifest)
  return addWholeImage(store, { ...image, manifestText, manifestType: MEDIA.manifest }, signal)
}

export interface WholeImage {
  readonly configText: string
  /** As it came: its digest is what others know the image by. */
  readonly manifestText: string
  readonly manifestType: string
  /** The indexes around it, the outermost first: that one is what its names stand for. */
  readonly indexes?: readonly TypedDocument[]
  readonly sizeBytes: number
  readonly references: readonly string[]
  readonly origins?: readonly string[]
}

/** A manifest or an index, in the very words of whoever made it. */
export interface TypedDocument {
  readonly mediaType: string
  readonly text: string
}

/** An image whose manifest somebody else has written. Returns its id. */
export async function addWholeImage(store: ImageStore, image: WholeImage, signal: AbortSignal): Promise<string> {
  const config = putDocument(store, MEDIA.config, image.configText)
  const manifest = putDocument(store, image.manifestType, image.manifestText)
  const [index] = (image.indexes ?? []).map(({ mediaType, text }) => putDocument(store, mediaType, text))
  syncPath(store.blobsDir)
  const entry = {
    manifest,
    imageId: config.digest,
    sizeBytes: image.sizeBytes,
    createdAtMs: createdAtMs(parseImageDocument(image.configText)),
    checkedAtMs: Date.now(),
    ...(index === undefined ? {} : { indexDigest: index.digest }),
    ...(image.origins === undefined ? {} : { origins: image.origins }),
  }
  await changeIndex(
    store,
    (entries) => ({ entries: withImage(entries, entry, image.references), result: undefined }),
    signal,
  )
  return config.digest
}

/** An image that loses its last name stays, nameless, until it is removed or pruned. */
export function withImage(
  entries: readonly IndexEntry[],
  image: Omit<IndexEntry, 'reference'>,
  references: readonly string[],
): readonly IndexEntry[] {
  const others = entries.filter(({ reference }) => reference === undefined || !references.includes(reference))
  const lost = entries.filter(({ imageId }) => !others.some((other) => other.imageId === imageId))
  const nameless = lost.map(({ reference: _lost, ...rest }) => rest).filter(({ imageId }) => imageId !== image.imageId)
  const named = references.map((reference) => ({ ...image, reference }))
  const all = [...others, ...distinct(nameless), ...named]
  if (references.length === 0) return all.some(({ imageId }) => imageId === image.imageId) ? all : [...all, image]
  return all.filter(({ imageId, reference }) => imageId !== image.imageId || reference !== undefined)
}

function distinct(entries: readonly IndexEntry[]): readonly IndexEntry[] {
  return entries.filter((one, at) => entries.findIndex(({ imageId }) => imageId === one.imageId) === at)
}
