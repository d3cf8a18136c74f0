/** Whether the store has already what a registry has under a name. */
import { existsSync } from 'node:fs'
import { readDocument } from '../blob.ts'
import { type ImageDocument, MAX_BYTES, type Manifest, parseImageDocument, parseManifest } from '../document.ts'
import { originOf, withOrigin } from '../origins.ts'
import { suits, type Wanted } from '../platform-choice.ts'
import { fullName, type Reference } from '../reference.ts'
import type { RegistryClient } from '../registry/client.ts'
import { resolveDigest } from '../registry/digest.ts'
import { passing } from '../registry/retry.ts'
import { blobPath, changeIndex, type ImageStore, type IndexEntry, layerDir, readIndex } from '../store.ts'

interface Asking {
  readonly client: RegistryClient
  readonly reference: Reference
  readonly wanted: Wanted
  readonly signal: AbortSignal
}

/** The id of an image that is whole, suits, and is still what the name stands for. A digest stands for the same for ever. */
export async function unchangedImage(
  store: ImageStore,
  { client, reference, wanted, signal }: Asking,
): Promise<string | undefined> {
  const name = fullName(reference)
  const entry = readIndex(store).find((one) => one.reference === name)
  if (entry === undefined || !isWhole(store, entry, wanted)) return undefined
  const known = entry.indexDigest ?? entry.manifest.digest
  if (reference.digest === undefined) {
    const digest = await client.retrying(() =>
      resolveDigest(client, reference).catch((error) => Promise.reject(passing(error))),
    )
    if (digest !== known) return undefined
  }
  await noteCheck(store, { name, origin: originOf(reference, known) }, signal)
  return entry.imageId
}

function isWhole(store: ImageStore, { manifest, imageId, indexDigest }: IndexEntry, wanted: Wanted): boolean {
  const documents = readDocuments(store, manifest.digest, imageId)
  return (
    documents !== undefined &&
    suits(documents.document, wanted.platform) &&
    (indexDigest === undefined || existsSync(blobPath(store, indexDigest))) &&
    documents.manifest.layers.every(({ digest }) => existsSync(blobPath(store, digest))) &&
    documents.document.rootfs.diff_ids.every((diffId) => existsSync(layerDir(store, diffId)))
  )
}

/** Damage in the store is no reason not to pull: that is what mends it. */
function readDocuments(
  store: ImageStore,
  digest: string,
  imageId: string,
): { readonly manifest: Manifest; readonly document: ImageDocument } | undefined {
  try {
    return {
      manifest: parseManifest(readDocument(store, digest, MAX_BYTES.manifest)),
      document: parseImageDocument(readDocument(store, imageId, MAX_BYTES.config)),
    }
  } catch {
    return undefined
  }
}

async function noteCheck(
  store: ImageStore,
  { name, origin }: { readonly name: string; readonly origin: string },
  signal: AbortSignal,
): Promise<void> {
  const checkedAtMs = Date.now()
  const noted = (entry: IndexEntry): IndexEntry =>
    entry.reference === name ? { ...entry, checkedAtMs, origins: withOrigin(entry.origins ?? [], origin) } : entry
  await changeIndex(store, (entries) => ({ entries: entries.map(noted), result: undefined }), signal)
}
