/**
 * Layers that the store has as plain tar archives, of images that were committed, imported or saved by `docker save`, go to a registry by
 * gzip. The image has another manifest then, in the store as well: the next push finds it there and sends nothing.
 */
import { existsSync } from 'node:fs'
import { atMost } from '../at-most.ts'
import { putDocument, readDocument, syncPath } from '../blob.ts'
import {
  compressionOf,
  type Descriptor,
  MAX_BYTES,
  type Manifest,
  parseImageDocument,
  parseManifest,
} from '../document.ts'
import { blobPath, changeIndex, type ImageStore, type IndexEntry, readIndex } from '../store.ts'
import { type Compressing, compressLayer, type Form } from './compress-layer.ts'

const LAYERS_AT_ONCE = 3

/** The same entry where nothing is to be done. */
export async function withLayersCompressed(
  store: ImageStore,
  entry: IndexEntry,
  wish: Compressing,
): Promise<IndexEntry> {
  if (isKnownElsewhere(entry)) return entry
  const { mediaType, digest } = entry.manifest
  const manifest = parseManifest(readDocument(store, digest, MAX_BYTES.manifest))
  const plain = [...new Map(manifest.layers.filter(isPlain).map((layer) => [layer.digest, layer])).values()]
  if (plain.length === 0) return entry
  const known = knownForms(store)
  const compress = async (layer: Descriptor, signal: AbortSignal): Promise<Form> =>
    known.get(layer.digest) ?? (await compressLayer(store, layer, { ...wish, signal }))
  const forms = await atMost(LAYERS_AT_ONCE, plain, compress, wish.signal)
  const formOf = new Map(plain.map(({ digest }, at) => [digest, forms[at]]))
  const layers = manifest.layers.map((layer) => ({ ...layer, ...formOf.get(layer.digest), mediaType: typeOf(layer) }))
  const text = JSON.stringify({ ...manifest, layers } satisfies Manifest)
  return replaceManifest(store, entry, { manifest: putDocument(store, mediaType, text), signal: wish.signal })
}

/** Its digest is what others know it by: another manifest would be another image for them. */
function isKnownElsewhere({ indexDigest, manifest, origins = [] }: IndexEntry): boolean {
  return indexDigest !== undefined || origins.some((origin) => origin.endsWith(`@${manifest.digest}`))
}

/** Docker and the OCI have each a word of their own. */
const PLAIN = /^application\/vnd\.(?:docker\.image\.rootfs\.diff|oci\.image\.layer\.v1)\.tar$/

function isPlain({ mediaType }: Descriptor): boolean {
  return PLAIN.test(mediaType)
}

function typeOf({ mediaType }: Descriptor): string {
  if (!PLAIN.test(mediaType)) return mediaType
  return mediaType.includes('docker') ? `${mediaType}.gzip` : `${mediaType}+gzip`
}

/** By the digests of the plain ones: what another image has by gzip, most of all one that was pulled, may be at the registry already. */
function knownForms(store: ImageStore): ReadonlyMap<string, Form> {
  const images = readIndex(store).map(({ manifest, imageId }) => ({
    layers: parseManifest(readDocument(store, manifest.digest, MAX_BYTES.manifest)).layers,
    diffIds: parseImageDocument(readDocument(store, imageId, MAX_BYTES.config)).rootfs.diff_ids,
  }))
  const isUsable = ({ mediaType, digest }: Descriptor): boolean =>
    compressionOf(mediaType) === 'gzip' && existsSync(blobPath(store, digest))
  return new Map(
    images.flatMap(({ layers, diffIds }) =>
      layers.flatMap((layer, at) =>
        isUsable(layer) ? [[diffIds[at] as string, { digest: layer.digest, size: layer.size }] as const] : [],
      ),
    ),
  )
}

/** Under all names of the image that stand for this manifest. */
async function replaceManifest(
  store: ImageStore,
  entry: IndexEntry,
  { manifest, signal }: { readonly manifest: Descriptor; readonly signal: AbortSignal },
): Promise<IndexEntry> {
  syncPath(store.blobsDir)
  const isSame = (one: IndexEntry): boolean =>
    one.manifest.digest === entry.manifest.digest && one.indexDigest === undefined
  const replaced = (entries: readonly IndexEntry[]): readonly IndexEntry[] =>
    entries.map((one) => (isSame(one) ? { ...one, manifest } : one))
  await changeIndex(store, (entries) => ({ entries: replaced(entries), result: undefined }), signal)
  return { ...entry, manifest }
}
