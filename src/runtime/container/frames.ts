/** Docker's stream frames: 8 bytes `[type, 0, 0, 0, length as u32 big endian]`, then the payload. Pure. */

export const FRAME = { stdin: 0, stdout: 1, stderr: 2, json: 3 } as const

export interface Frame {
  readonly type: number
  readonly payload: Buffer
}

const HEADER_BYTES = 8

export function encodeFrame(type: number, payload: Uint8Array): Buffer {
  const frame = Buffer.alloc(HEADER_BYTES + payload.length)
  frame[0] = type
  frame.writeUInt32BE(payload.length, 4)
  frame.set(payload, HEADER_BYTES)
  return frame
}

/** Cuts a stream into frames, however its pieces arrive. */
export function frameReader(): (piece: Buffer) => Frame[] {
  let rest: Buffer = Buffer.alloc(0)
  return (piece) => {
    rest = rest.length === 0 ? piece : Buffer.concat([rest, piece])
    const frames: Frame[] = []
    for (let length = completeLength(rest); length !== undefined; length = completeLength(rest)) {
      frames.push({ type: rest[0] ?? 0, payload: rest.subarray(HEADER_BYTES, length) })
      rest = rest.subarray(length)
    }
    return frames
  }
}

/** The length of the first frame, when all of it is there. */
function completeLength(data: Buffer): number | undefined {
  if (data.length < HEADER_BYTES) return undefined
  const length = HEADER_BYTES + data.readUInt32BE(4)
  return data.length < length ? undefined : length
}
