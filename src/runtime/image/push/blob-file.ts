/** The file that a blob is sent from: the store's own, or one that was fetched for the way from one registry to another. */
import { existsSync, statSync } from 'node:fs'
import { damagedBlob } from '../blob.ts'
import type { Descriptor } from '../document.ts'
import { blobPath, type ImageStore } from '../store.ts'

export interface BlobFile {
  readonly digest: string
  readonly size: number
  readonly path: string
}

/** Undefined when the store has not got it. */
export function storedBlob(store: ImageStore, { digest, size }: Descriptor): BlobFile | undefined {
  const path = blobPath(store, digest)
  if (!existsSync(path)) return undefined
  if (statSync(path).size === size) return { digest, size, path }
  throw damagedBlob(digest, 'it has another size')
}
