/** Bytes of a file to its text: UTF-8, or UTF-16 where a byte order mark says so, as Docker Compose's YAML library reads them. */
import { isUtf8 } from 'node:buffer'
import { fail } from './findings.ts'
import type { Source } from './tree/source.ts'

export function decodeText(content: Uint8Array, file: Omit<Source, 'text'>): string {
  const encoding = encodingOf(content)
  if (encoding === 'utf-8') return isUtf8(content) ? utf8Of(content) : refuseUtf8(content, file)
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(content)
  } catch {
    return refuseUtf16(file)
  }
}

/** A byte order mark stays. */
const utf8Of = ({ buffer, byteOffset, byteLength }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('utf8')

function encodingOf([first, second]: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  return first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8'
}

/** Shown at its place: all before it is text, and the rest is read as well as it can be. */
function refuseUtf8(content: Uint8Array, file: Omit<Source, 'text'>): never {
  const valid = validLength(content)
  const before = new TextDecoder('utf-8', { ignoreBOM: true }).decode(content.subarray(0, valid))
  const rest = new TextDecoder('utf-8').decode(content.subarray(valid, valid + 200))
  const source = { ...file, text: before + rest }
  const byte = (content[valid] ?? 0).toString(16).toUpperCase().padStart(2, '0')
  return fail({
    code: 'invalid-utf8',
    message: `"${file.name}" is not UTF-8 text: the byte 0x${byte} can't stand here`,
    hint: 'save it as UTF-8',
    at: { source, start: before.length, end: before.length + 1 },
  })
}

function refuseUtf16({ name }: Omit<Source, 'text'>): never {
  return fail({
    code: 'invalid-utf8',
    message: `"${name}" is neither UTF-8 nor UTF-16 text`,
    hint: 'save it as UTF-8',
    at: undefined,
  })
}

/** How many bytes are whole characters of UTF-8. */
function validLength(content: Uint8Array): number {
  let at = 0
  while (at < content.length) {
    const length = characterLength(content, at)
    if (length === 0) return at
    at += length
  }
  return at
}

/** The bytes of the character at a place; 0 when there is none. */
function characterLength(content: Uint8Array, at: number): number {
  const [first = 0, second = 0] = [content[at], content[at + 1]]
  if (first < 0x80) return 1
  const form = FORMS.find(({ from, to }) => first >= from && first <= to)
  if (!form || second < form.least || second > form.most) return 0
  return content.subarray(at + 2, at + form.length).every(isContinuation) && at + form.length <= content.length
    ? form.length
    : 0
}

const isContinuation = (byte: number): boolean => (byte & 0xc0) === 0x80

const form = (from: number, to: number, [length, least = 0x80, most = 0xbf]: readonly [number, number?, number?]) => ({
  from,
  to,
  length,
  least,
  most,
})

/**
 * First bytes, and which bytes may come second: no longer form than is needed, no half of a surrogate pair, nothing behind the last
 * character.
 */
const FORMS = [
  form(0xc2, 0xdf, [2]),
  form(0xe0, 0xe0, [3, 0xa0]),
  form(0xe1, 0xec, [3]),
  form(0xed, 0xed, [3, 0x80, 0x9f]),
  form(0xee, 0xef, [3]),
  form(0xf0, 0xf0, [4, 0x90]),
  form(0xf1, 0xf3, [4]),
  form(0xf4, 0xf4, [4, 0x80, 0x8f]),
]
