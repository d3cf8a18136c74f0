/** Whole lines of a growing file. What is not yet ended by a newline waits for the next call. */
import type { FileHandle } from 'node:fs/promises'

const BLOCK_BYTES = 64 * 1024
const NEWLINE = 10

export interface LineReader {
  /** The lines that have been written since the last call. */
  readonly lines: () => AsyncGenerator<string>
}

export function readLinesFrom(file: FileHandle, offset: number): LineReader {
  let position = offset
  let rest: Buffer = Buffer.alloc(0)
  const block = Buffer.alloc(BLOCK_BYTES)
  async function* lines(): AsyncGenerator<string> {
    for (;;) {
      const { bytesRead } = await file.read(block, 0, BLOCK_BYTES, position)
      if (bytesRead === 0) return
      position += bytesRead
      const data = Buffer.concat([rest, block.subarray(0, bytesRead)])
      const end = data.lastIndexOf(NEWLINE)
      rest = data.subarray(end + 1)
      if (end !== -1) yield* data.toString('utf8', 0, end).split('\n')
    }
  }
  return { lines }
}
