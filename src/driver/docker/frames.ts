/** The daemon's way to send two streams over one: each piece has a header of eight bytes, the stream's number first and its length last. */
export interface Frame {
  readonly stream: 'stdout' | 'stderr'
  readonly data: Buffer
}

const HEADER = 8

/** Without headers, as terminals have it, everything is of the first stream. */
export async function* framesOf(bytes: AsyncIterable<Buffer>, isRaw: boolean): AsyncGenerator<Frame> {
  if (isRaw) {
    for await (const data of bytes) yield { stream: 'stdout', data }
    return
  }
  let left: Buffer = Buffer.alloc(0)
  for await (const piece of bytes) {
    left = left.length === 0 ? piece : Buffer.concat([left, piece])
    let at = 0
    while (left.length - at >= HEADER) {
      const end = at + HEADER + left.readUInt32BE(at + 4)
      if (left.length < end) break
      yield { stream: left[at] === 2 ? 'stderr' : 'stdout', data: left.subarray(at + HEADER, end) }
      at = end
    }
    left = left.subarray(at)
  }
}
