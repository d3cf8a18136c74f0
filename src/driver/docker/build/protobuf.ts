/** Reads the fields of a protobuf message (protobuf.dev/programming-guides/encoding), by number. Pure. */
export type Field =
  | { readonly number: number; readonly kind: 'number'; readonly value: number }
  | { readonly number: number; readonly kind: 'bytes'; readonly value: Buffer }

const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const

export function* fieldsOf(message: Buffer): Generator<Field> {
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = message[at]
      if (byte === undefined || shift > 63) throw new Error('a message of the daemon ends too early')
      at += 1
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
  }
  while (at < message.length) {
    const tag = varint()
    const number = Math.floor(tag / 8)
    switch (tag % 8) {
      case WIRE.varint:
        yield { number, kind: 'number', value: varint() }
        break
      case WIRE.bytes: {
        const end = varint() + at
        if (end > message.length) throw new Error('a message of the daemon ends too early')
        yield { number, kind: 'bytes', value: message.subarray(at, end) }
        at = end
        break
      }
      case WIRE.fixed64:
        at += 8
        break
      case WIRE.fixed32:
        at += 4
        break
      default:
        throw new Error('a message of the daemon has a field of a kind that there is not')
    }
  }
}
