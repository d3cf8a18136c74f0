/** What the store has of an index: its document, and below it the images of other platforms, as far as they were brought along. */
import { existsSync } from 'node:fs'
import { readDocument } from './blob.ts'
import { type Descriptor, type Index, MAX_BYTES, type Manifest, parseIndex, parseManifest } from './document.ts'
import { blobPath, type ImageStore } from './store.ts'

/** Indexes in indexes; no deeper than they are pulled. */
export const MAX_INDEX_DEPTH = 4

/** What is not even JSON is none: whoever reads it says what it is not. */
export function isIndex(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && 'manifests' in value
  } catch {
    return false
  }
}

/** Digests of everything that the index names, directly or through what the store has of it. */
export function contentOfIndex(store: ImageStore, digest: string, depth = 0): readonly string[] {
  if (depth > MAX_INDEX_DEPTH || !existsSync(blobPath(store, digest))) return []
  const found = documentOf(store, digest)
  const blobs = found?.kind === 'manifest' ? partsOf(found.manifest) : []
  const below = found?.kind === 'index' ? found.index.manifests.map((one) => one.digest) : []
  return [digest, ...blobs, ...below.flatMap((one) => contentOfIndex(store, one, depth + 1))]
}

/** An image below an index, with all its parts in the store. */
export interface IndexedImage {
  readonly descriptor: Descriptor
  /** Of its manifest, its configuration and its layers. */
  readonly digests: readonly string[]
  /** The indexes around it, the outermost first. */
  readonly indexes: readonly string[]
}

/** What has a part missing is left out: it was never wanted here. */
export function imagesOfIndex(store: ImageStore, digest: string, depth = 0): readonly IndexedImage[] {
  const found = depth > MAX_INDEX_DEPTH ? undefined : documentOf(store, digest)
  if (found?.kind !== 'index') return []
  return found.index.manifests.flatMap((descriptor): readonly IndexedImage[] => {
    const one = documentOf(store, descriptor.digest)
    if (one?.kind === 'index') {
      const below = imagesOfIndex(store, descriptor.digest, depth + 1)
      return below.map((image) => ({ ...image, indexes: [digest, ...image.indexes] }))
    }
    const parts = one === undefined ? [] : partsOf(one.manifest)
    const isWhole = one !== undefined && parts.every((part) => existsSync(blobPath(store, part)))
    return isWhole ? [{ descriptor, digests: [descriptor.digest, ...parts], indexes: [digest] }] : []
  })
}

type Found =
  | { readonly kind: 'index'; readonly index: Index }
  | { readonly kind: 'manifest'; readonly manifest: Manifest }

/** What is no document names nothing: an index may say of anything that it is a manifest. */
function documentOf(store: ImageStore, digest: string): Found | undefined {
  try {
    const text = readDocument(store, digest, MAX_BYTES.manifest)
    return isIndex(text)
      ? { kind: 'index', index: parseIndex(text) }
      : { kind: 'manifest', manifest: parseManifest(text) }
  } catch {
    return undefined
  }
}

function partsOf({ config, layers }: Manifest): readonly string[] {
  return [config, ...layers].map(({ digest }) => digest)
}
