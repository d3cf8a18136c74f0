/** One layer by gzip, beside the one that it is made from: read, hashed and written in the same pass. */
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream, renameSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { PushEvent } from '../../../driver/driver.ts'
import { removeIfThere } from '../../state/record-file.ts'
import { damagedBlob, partialPath, syncPath } from '../blob.ts'
import type { Descriptor } from '../document.ts'
import { blobPath, type ImageStore } from '../store.ts'

export interface Compressing {
  readonly onEvent: (event: PushEvent) => void
  readonly signal: AbortSignal
}

export type Form = Pick<Descriptor, 'digest' | 'size'>

const STEP_BYTES = 1 << 20

/** Nothing of the time or the machine gets into it: the same layer is the same blob each time. */
export async function compressLayer(store: ImageStore, layer: Descriptor, wish: Compressing): Promise<Form> {
  const path = partialPath(store)
  const { digest, size: totalBytes } = layer
  const tell = (status: 'compressing' | 'compressed', currentBytes: number): void =>
    wish.onEvent({ kind: 'layer', digest, status, currentBytes, totalBytes })
  const plain = measure((bytes) => tell('compressing', bytes))
  const packed = measure(() => undefined)
  try {
    const from = createReadStream(blobPath(store, digest), { highWaterMark: STEP_BYTES })
    const to = createWriteStream(path, { flags: 'wx', mode: 0o600 })
    const gzip = createGzip({ chunkSize: STEP_BYTES })
    await pipeline(from, plain.through, gzip, packed.through, to, { signal: wish.signal })
    if (plain.form().digest !== digest) throw damagedBlob(digest, 'its content is not what its name says')
    syncPath(path)
    const form = packed.form()
    renameSync(path, blobPath(store, form.digest))
    tell('compressed', totalBytes)
    return form
  } finally {
    removeIfThere(path)
  }
}

/** Counts and hashes what goes through. */
function measure(onBytes: (bytes: number) => void) {
  const hash = createHash('sha256')
  let size = 0
  return {
    through: async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
      for await (const chunk of chunks) {
        hash.update(chunk)
        size += chunk.length
        onBytes(size)
        yield chunk
      }
    },
    form: (): Form => ({ digest: `sha256:${hash.digest('hex')}`, size }),
  }
}
