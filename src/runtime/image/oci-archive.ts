/** The table of contents of an OCI layout: index.json, with indexes in it to a small depth. */
import {
  type ArchivedImage,
  type ArchivedLayer,
  type ArchiveFiles,
  damaged,
  type KeptDocuments,
  noImageFor,
} from './archive-files.ts'
import { digestOf } from './blob.ts'
import { compressionOf, type Descriptor, hexOf, MAX_BYTES, parseIndex, parseManifest } from './document.ts'
import { isIndex, MAX_INDEX_DEPTH } from './index-content.ts'
import { choosePlatform, type Wanted } from './platform-choice.ts'
import { fullName, tryParseReference } from './reference.ts'

/** containerd and Docker write the whole name here, and only the tag under the standard key. */
const NAME_KEYS = ['io.containerd.image.name', 'org.opencontainers.image.ref.name']

export function readOciArchive(archive: ArchiveFiles, wanted: Wanted): readonly ArchivedImage[] {
  const { manifests } = parseIndex(archive.readText('index.json', MAX_BYTES.manifest))
  const images = manifests.map((descriptor) => imageOf(archive, descriptor, wanted))
  return mergeNames(images)
}

function imageOf(archive: ArchiveFiles, descriptor: Descriptor, wanted: Wanted): ArchivedImage {
  const chosen = chooseManifest(archive, descriptor, { wanted, indexes: [] })
  const manifest = parseManifest(chosen.manifest.text)
  const [outermost] = chosen.indexes
  return {
    configPath: pathOf(manifest.config),
    configDigest: manifest.config.digest,
    layers: manifest.layers.map(layerOf),
    references: namesOf(descriptor),
    kept: { ...chosen, otherDigests: outermost === undefined ? [] : contentBelow(archive, outermost.text, 0) },
  }
}

function layerOf(layer: Descriptor): ArchivedLayer {
  const compression = compressionOf(layer.mediaType)
  const { digest, size } = layer
  return { path: pathOf(layer), digest, size, ...(compression === undefined ? {} : { compression }) }
}

type Chosen = Pick<KeptDocuments, 'manifest' | 'indexes'>

function chooseManifest(
  archive: ArchiveFiles,
  descriptor: Descriptor,
  { wanted, indexes }: { readonly wanted: Wanted } & Pick<KeptDocuments, 'indexes'>,
): Chosen {
  const document = { mediaType: descriptor.mediaType, text: documentText(archive, descriptor) }
  if (!isIndex(document.text)) return { manifest: document, indexes }
  if (indexes.length >= MAX_INDEX_DEPTH) throw damaged('its indexes are nested too deeply')
  const there = parseIndex(document.text).manifests.filter((one) => archive.has(pathOf(one)))
  // Whoever asks for no platform means what the archive was made for.
  const fitting = choosePlatform(there, wanted.platform) ?? (wanted.isStrict ? undefined : there.find(isImage))
  if (fitting === undefined) throw noImageFor(wanted.platform)
  return chooseManifest(archive, fitting, { wanted, indexes: [...indexes, document] })
}

/** What is said about an image stands beside it, for no platform. */
function isImage({ platform }: Descriptor): boolean {
  return platform?.os !== 'unknown'
}

/** Every blob below an index that is in the archive. */
function contentBelow(archive: ArchiveFiles, indexText: string, depth: number): readonly string[] {
  if (depth >= MAX_INDEX_DEPTH) throw damaged('its indexes are nested too deeply')
  const there = parseIndex(indexText).manifests.filter((one) => archive.has(pathOf(one)))
  return there.flatMap((one) => {
    const text = documentText(archive, one)
    if (isIndex(text)) return [one.digest, ...contentBelow(archive, text, depth + 1)]
    const { config, layers } = parseManifest(text)
    const parts = [config, ...layers].filter((part) => archive.has(pathOf(part)))
    return [one, ...parts].map(({ digest }) => digest)
  })
}

function documentText(archive: ArchiveFiles, descriptor: Descriptor): string {
  const text = archive.readText(pathOf(descriptor), MAX_BYTES.manifest)
  if (digestOf(Buffer.from(text)) !== descriptor.digest)
    throw damaged(`"${descriptor.digest}" is not what its name says`)
  return text
}

function pathOf({ digest }: Descriptor): string {
  return `blobs/sha256/${hexOf(digest)}`
}

/** A bare tag is no name: it would be taken for a repository of the Hub. */
function namesOf({ annotations = {} }: Descriptor): readonly string[] {
  const name = NAME_KEYS.map((key) => annotations[key]).find((one) => one !== undefined && /[/:]/.test(one))
  const reference = name === undefined ? undefined : tryParseReference(name)
  return reference === undefined ? [] : [fullName(reference)]
}

/** An image of two names stands twice in the index. */
function mergeNames(images: readonly ArchivedImage[]): readonly ArchivedImage[] {
  const byConfig = new Map<string, ArchivedImage>()
  for (const image of images) {
    const before = byConfig.get(image.configPath)
    byConfig.set(image.configPath, { ...image, references: [...(before?.references ?? []), ...image.references] })
  }
  return [...byConfig.values()]
}
