/** Bytes of a file to its text: UTF-8, or UTF-16 where a byte order mark says so, as Docker Compose's YAML library reads them. */
import { fail } from './findings.ts'
import type { Source } from './tree/source.ts'

export function decodeText(content: Uint8Array, file: Omit<Source, 'text'>): string {
  const encoding = encodingOf(content)
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(content)
  } catch {
    return encoding === 'utf-8' ? refuseUtf8(content, file) : refuseUtf16(file)
  }
}

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
  const length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0
  // Longer forms than are needed, halves of surrogate pairs, and what lies behind the last character.
  if ((first === 0xe0 && second < 0xa0) || (first === 0xed && second > 0x9f)) return 0
  if ((first === 0xf0 && second < 0x90) || (first === 0xf4 && second > 0x8f)) return 0
  for (let next = 1; next < length; next++) if (((content[at + next] ?? 0) & 0xc0) !== 0x80) return 0
  return length
}
