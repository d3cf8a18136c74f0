/** `image save`: images as one archive that `docker load`, and tools for OCI layouts, can read. */
import { DriverError } from '../../driver/driver.ts'
import { readDocument } from './blob.ts'
import { type Descriptor, hexOf, type Index, MAX_BYTES, MEDIA, type Platform, parseManifest } from './document.ts'
import { requireImage, type StoredImage } from './find.ts'
import { imagesOfIndex } from './index-content.ts'
import { platformText } from './platform.ts'
import { choosePlatform, suits } from './platform-choice.ts'
import { familiarName, fullName, parseReference, tryParseReference } from './reference.ts'
import { blobPath, type ImageStore } from './store.ts'
import { type TarFile, writeTar } from './tar-writer.ts'

/** The archive's bytes. A name saves that name alone, an id saves the image without one; `platform` saves that one alone of several. */
export function saveArchive(
  store: ImageStore,
  texts: readonly string[],
  { platform, signal }: { readonly platform?: Platform; readonly signal: AbortSignal },
): AsyncIterable<Uint8Array> {
  return writeTar(filesOf(store, collect(store, texts, platform)), signal)
}

/** About how many bytes that is: tar's own are few. */
export function sizeOfArchive(store: ImageStore, texts: readonly string[]): number {
  const parts = collect(store, texts).flatMap((one) => one.parts)
  return [...new Map(parts.map(({ digest, size }) => [digest, size])).values()].reduce((sum, size) => sum + size, 0)
}

interface Saved {
  /** What the names stand for: an index, or the image's own manifest. */
  readonly top: Descriptor
  /** The configuration and the layers of the one image that readers without indexes get. */
  readonly parts: readonly Descriptor[]
  readonly digests: readonly string[]
  /** Full names. */
  readonly references: readonly string[]
}

function collect(store: ImageStore, texts: readonly string[], platform?: Platform): readonly Saved[] {
  const saved = new Map<string, Saved>()
  for (const text of texts) {
    const image = requireImage(store, text)
    const found = platform === undefined ? whole(store, image) : single(store, { image, text, platform })
    const before = saved.get(found.top.digest)?.references ?? []
    saved.set(found.top.digest, { ...found, references: [...new Set([...before, ...namesOf(image, text)])] })
  }
  return [...saved.values()]
}

type Found = Omit<Saved, 'references'>

/** With the index around it, and the images for other platforms that the store has. */
function whole(store: ImageStore, { manifestDigest, indexDigest }: StoredImage): Found {
  const own = manifestOf(store, manifestDigest)
  if (indexDigest === undefined) return own
  const others = imagesOfIndex(store, indexDigest)
  const digests = [indexDigest, ...own.digests, ...others.flatMap((one) => [...one.indexes, ...one.digests])]
  return { ...own, top: descriptorOf(store, indexDigest, MEDIA.index), digests }
}

interface Wish {
  readonly image: StoredImage
  readonly text: string
  readonly platform: Platform
}

function single(store: ImageStore, { image, text, platform }: Wish): Found {
  const { indexDigest, manifestDigest, document } = image
  const there = indexDigest === undefined ? [] : imagesOfIndex(store, indexDigest).map(({ descriptor }) => descriptor)
  const digest = choosePlatform(there, platform)?.digest ?? (suits(document, platform) ? manifestDigest : undefined)
  if (digest !== undefined) return manifestOf(store, digest)
  const kept = new Set([document, ...there.flatMap((one) => one.platform ?? [])].map(platformText))
  throw new DriverError('image-not-found', `image "${text}" is not there for ${platformText(platform)}`, {
    hint: `here it is for ${[...kept].filter((one) => !one.startsWith('unknown')).join(', ')}`,
  })
}

function manifestOf(store: ImageStore, digest: string): Found {
  const { config, layers } = parseManifest(readDocument(store, digest, MAX_BYTES.manifest))
  const parts = [config, ...layers]
  return {
    top: descriptorOf(store, digest, MEDIA.manifest),
    parts,
    digests: [digest, ...parts.map((one) => one.digest)],
  }
}

function descriptorOf(store: ImageStore, digest: string, usual: string): Descriptor {
  const text = readDocument(store, digest, MAX_BYTES.manifest)
  const { mediaType = usual } = JSON.parse(text) as { readonly mediaType?: string }
  return { mediaType, digest, size: Buffer.byteLength(text) }
}

function namesOf(image: StoredImage, text: string): readonly string[] {
  const reference = tryParseReference(text)
  const name = reference === undefined ? '' : fullName(reference)
  return image.references.includes(name) ? [name] : []
}

function filesOf(store: ImageStore, saved: readonly Saved[]): readonly TarFile[] {
  const blobs = [...new Set(saved.flatMap(({ digests }) => digests))]
    .sort()
    .map((digest): TarFile => ({ name: pathOf(digest), kind: 'file', path: blobPath(store, digest) }))
  const index: Index = { schemaVersion: 2, mediaType: MEDIA.index, manifests: saved.flatMap(entriesOf) }
  return [
    ...blobs,
    json('index.json', index),
    json('manifest.json', saved.map(dockerEntryOf)),
    json('oci-layout', { imageLayoutVersion: '1.0.0' }),
  ]
}

function entriesOf({ top, references }: Saved): readonly Descriptor[] {
  if (references.length === 0) return [top]
  return references.map((name) => {
    const { tag } = parseReference(name)
    const tagged = tag === undefined ? {} : { 'org.opencontainers.image.ref.name': tag }
    return { ...top, annotations: { 'io.containerd.image.name': name, ...tagged } }
  })
}

function dockerEntryOf({ parts: [config, ...layers], references }: Saved): object {
  return {
    Config: pathOf((config as Descriptor).digest),
    RepoTags: references.map((name) => familiarName(parseReference(name))),
    Layers: layers.map(({ digest }) => pathOf(digest)),
  }
}

function pathOf(digest: string): string {
  return `blobs/sha256/${hexOf(digest)}`
}

function json(name: string, value: object): TarFile {
  return { name, kind: 'text', text: JSON.stringify(value) }
}
