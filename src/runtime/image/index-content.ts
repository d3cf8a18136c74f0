/** What the store has of an index: its document, and below it the images of other platforms, as far as they were brought along. */
import { existsSync } from 'node:fs'
import { readDocument } from './blob.ts'
import { MAX_BYTES, parseIndex, parseManifest } from './document.ts'
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
  const below = namedBy(store, digest)
  return [digest, ...below.blobs, ...below.manifests.flatMap((one) => contentOfIndex(store, one, depth + 1))]
}

/** What is no document names nothing: an index may say of anything that it is a manifest. */
function namedBy(
  store: ImageStore,
  digest: string,
): { readonly blobs: readonly string[]; readonly manifests: readonly string[] } {
  try {
    const text = readDocument(store, digest, MAX_BYTES.manifest)
    if (isIndex(text)) return { blobs: [], manifests: parseIndex(text).manifests.map((one) => one.digest) }
    const { config, layers } = parseManifest(text)
    return { blobs: [config, ...layers].map((one) => one.digest), manifests: [] }
  } catch {
    return { blobs: [], manifests: [] }
  }
}
