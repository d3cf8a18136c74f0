/** Finds where the last lines of a log begin, from its end backwards: long logs are not read. */
import type { FileHandle } from 'node:fs/promises'
import type { Segment } from './files.ts'

export interface Position {
  readonly segment: number
  readonly offset: number
}

const BLOCK_BYTES = 64 * 1024
const NEWLINE = 10

/** The beginning of the last `count` lines; the beginning of the log when it has fewer. */
export async function findTail(segments: readonly Segment[], count: number): Promise<Position> {
  let missing = count
  for (let segment = segments.length - 1; segment >= 0; segment -= 1) {
    const { file } = segments[segment] as Segment
    const found = await lastLines(file, missing)
    if (found.lines === missing) return { segment, offset: found.offset }
    missing -= found.lines
  }
  return { segment: 0, offset: 0 }
}

/** How many of the wanted lines the file has, and where they begin. Only whole lines count. */
async function lastLines(
  file: FileHandle,
  wanted: number,
): Promise<{ readonly lines: number; readonly offset: number }> {
  const { size } = await file.stat()
  const block = Buffer.alloc(BLOCK_BYTES)
  // The newline that ends line n + 1 from the end is the byte before line n: one more is looked for than is wanted.
  let newlines = 0
  for (let end = size; end > 0; end -= BLOCK_BYTES) {
    const start = Math.max(0, end - BLOCK_BYTES)
    const { bytesRead } = await file.read(block, 0, end - start, start)
    for (let at = block.lastIndexOf(NEWLINE, bytesRead - 1); at !== -1; at = before(block, at)) {
      newlines += 1
      if (newlines > wanted) return { lines: wanted, offset: start + at + 1 }
    }
  }
  return { lines: newlines, offset: 0 }
}

function before(block: Buffer, at: number): number {
  return at === 0 ? -1 : block.lastIndexOf(NEWLINE, at - 1)
}
