/** `image save`: images as one archive that `docker load`, and tools for OCI layouts, can read. */
import { readDocument } from './blob.ts'
import { type Descriptor, hexOf, type Index, MAX_BYTES, MEDIA, parseManifest } from './document.ts'
import { requireImage, type StoredImage } from './find.ts'
import { familiarName, fullName, parseReference, tryParseReference } from './reference.ts'
import { blobPath, type ImageStore } from './store.ts'
import { type TarFile, writeTar } from './tar-writer.ts'

/** The archive's bytes. A name saves that name alone, an id saves the image without one. */
export function saveArchive(
  store: ImageStore,
  texts: readonly string[],
  signal: AbortSignal,
): AsyncIterable<Uint8Array> {
  return writeTar(filesOf(store, collect(store, texts)), signal)
}

/** About how many bytes that is: tar's own are few. */
export function sizeOfArchive(store: ImageStore, texts: readonly string[]): number {
  const parts = collect(store, texts).flatMap((one) => one.parts)
  return [...new Map(parts.map(({ digest, size }) => [digest, size])).values()].reduce((sum, size) => sum + size, 0)
}

interface Saved {
  readonly image: StoredImage
  readonly manifest: Descriptor
  readonly parts: readonly Descriptor[]
  /** Full names. */
  readonly references: readonly string[]
}

function collect(store: ImageStore, texts: readonly string[]): readonly Saved[] {
  const saved = new Map<string, Saved>()
  for (const text of texts) {
    const image = requireImage(store, text)
    const before = saved.get(image.imageId)
    const references = [...new Set([...(before?.references ?? []), ...namesOf(image, text)])]
    saved.set(image.imageId, { ...(before ?? partsOf(store, image)), references })
  }
  return [...saved.values()]
}

function partsOf(store: ImageStore, image: StoredImage): Saved {
  const text = readDocument(store, image.manifestDigest, MAX_BYTES.manifest)
  const { mediaType = MEDIA.manifest, config, layers } = parseManifest(text)
  const manifest = { mediaType, digest: image.manifestDigest, size: Buffer.byteLength(text) }
  return { image, manifest, parts: [config, ...layers], references: [] }
}

function namesOf(image: StoredImage, text: string): readonly string[] {
  const reference = tryParseReference(text)
  const name = reference === undefined ? '' : fullName(reference)
  return image.references.includes(name) ? [name] : []
}

function filesOf(store: ImageStore, saved: readonly Saved[]): readonly TarFile[] {
  const digests = new Set(saved.flatMap(({ manifest, parts }) => [manifest, ...parts].map(({ digest }) => digest)))
  const blobs = [...digests]
    .sort()
    .map((digest): TarFile => ({ name: pathOf(digest), kind: 'file', path: blobPath(store, digest) }))
  const index: Index = { schemaVersion: 2, mediaType: MEDIA.index, manifests: saved.flatMap(descriptorsOf) }
  return [
    ...blobs,
    json('index.json', index),
    json('manifest.json', saved.map(dockerEntryOf)),
    json('oci-layout', { imageLayoutVersion: '1.0.0' }),
  ]
}

function descriptorsOf({ manifest, references }: Saved): readonly Descriptor[] {
  if (references.length === 0) return [manifest]
  return references.map((name) => {
    const { tag } = parseReference(name)
    const tagged = tag === undefined ? {} : { 'org.opencontainers.image.ref.name': tag }
    return { ...manifest, annotations: { 'io.containerd.image.name': name, ...tagged } }
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
