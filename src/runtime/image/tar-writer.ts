/** Writes a tar stream of plain files: what `image save` needs and no more. */
import { createReadStream, statSync } from 'node:fs'

export type TarFile =
  | { readonly name: string; readonly kind: 'text'; readonly text: string }
  | { readonly name: string; readonly kind: 'file'; readonly path: string }

const BLOCK = 512
/** Larger sizes don't fit eleven octal digits. */
const MAX_OCTAL_SIZE = 8 ** 11

export async function* writeTar(files: readonly TarFile[], signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for (const file of files) {
    const text = file.kind === 'text' ? Buffer.from(file.text) : undefined
    const size = file.kind === 'file' ? statSync(file.path).size : (text?.length ?? 0)
    yield header(file.name, size)
    if (file.kind === 'text') yield text as Uint8Array
    else yield* createReadStream(file.path, { highWaterMark: 1 << 20, signal }) as AsyncIterable<Uint8Array>
    const filler = -size & (BLOCK - 1)
    if (filler > 0) yield new Uint8Array(filler)
  }
  yield new Uint8Array(2 * BLOCK)
}

/** Times are 1970 and the owner is root: the same images make the same archive. */
function header(name: string, size: number): Uint8Array {
  const block = Buffer.alloc(BLOCK)
  block.write(name, 0, 100)
  block.write('0000644\0', 100)
  block.write('0000000\0', 108)
  block.write('0000000\0', 116)
  writeSize(block, size)
  block.write('00000000000\0', 136)
  block.write('        0', 148)
  block.write('ustar\x0000', 257, 'latin1')
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return block
}

function writeSize(block: Buffer, size: number): void {
  if (size < MAX_OCTAL_SIZE) {
    block.write(`${size.toString(8).padStart(11, '0')}\0`, 124)
    return
  }
  block[124] = 0x80
  block.writeBigUInt64BE(BigInt(size), 128)
}
