/**
 * SHA-256, CRC-32 and random names for what is in memory. Node's own modules take seven milliseconds to load, a tenth of a whole `up`:
 * whoever has loaded the native part lends its functions instead.
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

let inUse: Digests = {
  sha256: (data) => createHash('sha256').update(data).digest('hex'),
  crc32: (text) => crc32OfNode(text),
  randomHex: (bytes) => randomBytes(bytes).toString('hex'),
}

export function lendDigests(digests: Digests): void {
  inUse = digests
}

export const sha256 = (data: string | Uint8Array): string => inUse.sha256(data)
export const crc32 = (text: string): number => inUse.crc32(text)
export const randomHex = (bytes: number): string => inUse.randomHex(bytes)
