/**
 * SHA-256, CRC-32 and random names for what is in memory. Node's own modules take seven milliseconds to load, a tenth of a whole `up`:
 * who has the native part lends its functions instead.
 */
import { createHash, randomBytes } from 'node:crypto'
import { crc32 as crc32OfNode } from 'node:zlib'

export interface Digests {
  /** In 64 lower case hexadecimal digits (FIPS 180-4); a text is taken as UTF-8. */
  readonly sha256: (data: string | Uint8Array) => string
  /** The checksum of gzip (RFC 1952), as an unsigned number; of a text's UTF-8. */
  readonly crc32: (text: string) => number
  /** So many unpredictable bytes in lower case hexadecimal digits. */
  readonly randomHex: (bytes: number) => string
}

const NODES: Digests = {
  sha256: (data) => createHash('sha256').update(data).digest('hex'),
  crc32: (text) => crc32OfNode(text),
  randomHex: (bytes) => randomBytes(bytes).toString('hex'),
}

let lender = (): Digests => NODES
let inUse: Digests | undefined

/** `lend` is asked at the next use; Node's own serve where it fails. */
export function borrowDigests(lend: () => Digests): void {
  lender = lend
  inUse = undefined
}

export const sha256 = (data: string | Uint8Array): string => digests().sha256(data)
export const crc32 = (text: string): number => digests().crc32(text)
export const randomHex = (bytes: number): string => digests().randomHex(bytes)

function digests(): Digests {
  inUse ??= lent()
  return inUse
}

function lent(): Digests {
  try {
    return lender()
  } catch {
    return NODES
  }
}
