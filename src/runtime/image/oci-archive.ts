/** The table of contents of an OCI layout: index.json, with indexes in it to a small depth. */
import { type ArchivedImage, type ArchivedLayer, type ArchiveFiles, damaged } from './archive-files.ts'
import {
  compressionOf,
  type Descriptor,
  hexOf,
  MAX_BYTES,
  MEDIA,
  type Platform,
  parseIndex,
  parseManifest,
} from './document.ts'
import { fitsPlatform, platformText } from './platform.ts'
import { fullName, tryParseReference } from './reference.ts'

const MAX_DEPTH = 4
/** containerd and Docker write the whole name here, and only the tag under the standard key. */
const NAME_KEYS = ['io.containerd.image.name', 'org.opencontainers.image.ref.name']

export function readOciArchive(archive: ArchiveFiles, platform: Platform): readonly ArchivedImage[] {
  const { manifests } = parseIndex(archive.readText('index.json', MAX_BYTES.manifest))
  const images = manifests.map((descriptor) => imageOf(archive, descriptor, platform))
  return mergeNames(images)
}

function imageOf(archive: ArchiveFiles, descriptor: Descriptor, platform: Platform): ArchivedImage {
  const manifest = parseManifest(documentText(archive, chooseManifest(archive, descriptor, { platform, depth: 0 })))
  return {
    configPath: pathOf(manifest.config),
    configDigest: manifest.config.digest,
    layers: manifest.layers.map(layerOf),
    references: namesOf(descriptor),
  }
}

function layerOf(layer: Descriptor): ArchivedLayer {
  const compression = compressionOf(layer.mediaType)
  return { path: pathOf(layer), digest: layer.digest, ...(compression === undefined ? {} : { compression }) }
}

function chooseManifest(
  archive: ArchiveFiles,
  descriptor: Descriptor,
  { platform, depth }: { readonly platform: Platform; readonly depth: number },
): Descriptor {
  if (descriptor.mediaType !== MEDIA.index && descriptor.mediaType !== MEDIA.dockerList) return descriptor
  if (depth >= MAX_DEPTH) throw damaged('its indexes are nested too deeply')
  const { manifests } = parseIndex(documentText(archive, descriptor))
  const fitting = manifests.find((one) => one.platform === undefined || fitsPlatform(one.platform, platform))
  if (fitting === undefined) throw damaged(`it has no image for ${platformText(platform)}`)
  return chooseManifest(archive, fitting, { platform, depth: depth + 1 })
}

function documentText(archive: ArchiveFiles, descriptor: Descriptor): string {
  return archive.readText(pathOf(descriptor), MAX_BYTES.manifest)
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
