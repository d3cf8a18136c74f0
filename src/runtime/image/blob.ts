/** Blobs: files named by the sha256 of what is in them. On the disk before their name is; never changed afterwards. */
import { createHash } from 'node:crypto'
import {
  closeSync,
  createReadStream,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { randomHex, sha256 } from '../../digests.ts'
import { DriverError } from '../../driver/driver.ts'
import { isMissing } from '../state/record-file.ts'
import { blobPath, type ImageStore } from './store.ts'

/** Stores a document and returns what describes it. */
export function putDocument(
  store: ImageStore,
  mediaType: string,
  text: string,
): { mediaType: string; digest: string; size: number } {
  const data = Buffer.from(text)
  const digest = digestOf(data)
  const path = blobPath(store, digest)
  if (!existsSync(path)) {
    const fresh = partialPath(store)
    writeDurably(fresh, data)
    renameSync(fresh, path)
  }
  return { mediaType, digest, size: data.length }
}

/** Reads a document of at most `maxBytes` and verifies that it is what its name says. */
export function readDocument(store: ImageStore, digest: string, maxBytes: number): string {
  const path = blobPath(store, digest)
  try {
    if (statSync(path).size > maxBytes) throw damagedBlob(digest, `it is larger than ${maxBytes} bytes`)
    const data = readFileSync(path)
    if (digestOf(data) !== digest) throw damagedBlob(digest, 'its content is not what its name says')
    return data.toString('utf8')
  } catch (error) {
    if (isMissing(error)) throw damagedBlob(digest, 'it is missing')
    throw error
  }
}

/** A name for a blob that is being written; swept when its writer has died. */
export function partialPath(store: ImageStore): string {
  return join(store.blobsDir, `.partial-${randomHex(8)}`)
}

export function digestOf(data: Uint8Array): string {
  return `sha256:${sha256(data)}`
}

export async function digestOfFile(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  for await (const part of createReadStream(path, { highWaterMark: 1 << 20, signal })) hash.update(part)
  return `sha256:${hash.digest('hex')}`
}

/** A directory's entries, or a file's content, are on the disk afterwards. */
export function syncPath(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

function writeDurably(path: string, data: Uint8Array): void {
  const descriptor = openSync(path, 'wx', 0o600)
  try {
    for (let at = 0; at < data.length; ) at += writeSync(descriptor, data, at)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

export function damagedBlob(digest: string, why: string): DriverError {
  return new DriverError('state-broken', `the blob "${digest}" of the image store is damaged: ${why}`, {
    hint: 'remove the image and load, import or pull it again',
  })
}
