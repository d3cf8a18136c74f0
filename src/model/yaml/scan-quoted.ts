/** Scalars in single or double quotes. */

import { append, type LongText, longText, textOf } from '../long-text.ts'
import { breakText, isBlank, isBlankOrEnd, isBreak } from './characters.ts'
import { joinLines } from './scan-plain.ts'
import { isDocumentMark, type Scanner, skipBreak } from './scanner.ts'
import { YamlError } from './token.ts'

export function scanQuoted(scanner: Scanner): string {
  const { text } = scanner
  const start = scanner.at
  const quote = text.charAt(scanner.at++)
  const value = longText()
  for (;;) {
    refuseEnd(scanner, start)
    const escapedBreak = scanRun(scanner, quote, value)
    if (!escapedBreak && text.charAt(scanner.at) === quote) break
    append(value, scanGap(scanner, escapedBreak))
  }
  scanner.at++
  return textOf(value)
}

function refuseEnd({ text, at, lineStart }: Scanner, start: number): void {
  const quote = text.charAt(start)
  const hint = `close it with another ${quote}`
  if (at >= text.length) throw new YamlError(`the quote ${quote} is never closed`, { start, hint, mistake: 'quote' })
  if (at === lineStart && isDocumentMark(text, at)) {
    throw new YamlError(`the quote ${quote} is not closed before the document ends`, { start, hint, mistake: 'quote' })
  }
}

/**
 * Characters up to the next white space or the closing quote. True if they ended with a backslash at the end of their line: the line end
 * is not part of the value.
 */
function scanRun(scanner: Scanner, quote: string, value: LongText): boolean {
  const { text } = scanner
  for (;;) {
    append(value, scanOrdinary(scanner, quote))
    const isEscape = quote === '"' && text.charAt(scanner.at) === '\\'
    if (isEscape && isBreak(text.charCodeAt(scanner.at + 1))) {
      scanner.at++
      skipBreak(scanner)
      return true
    }
    if (isEscape) append(value, readEscape(scanner))
    else if (quote === "'" && text.startsWith("''", scanner.at)) {
      append(value, "'")
      scanner.at += 2
    } else return false
  }
}

/** Characters that mean themselves. */
function scanOrdinary(scanner: Scanner, quote: string): string {
  const { text, at } = scanner
  const stop = quote.charCodeAt(0)
  const other = quote === '"' ? BACKSLASH : stop
  let end = at
  for (let code = text.charCodeAt(end); !isBlankOrEnd(code) && code !== stop && code !== other; )
    code = text.charCodeAt(++end)
  scanner.at = end
  return text.slice(at, end)
}

/** White space between two runs, and what it is in the value. */
function scanGap(scanner: Scanner, afterEscapedBreak: boolean): string {
  const { text } = scanner
  const start = scanner.at
  let broken = afterEscapedBreak
  let first = ''
  let more: LongText | undefined
  for (let code = text.charCodeAt(scanner.at); isBlank(code) || isBreak(code); code = text.charCodeAt(scanner.at)) {
    if (isBlank(code)) {
      scanner.at++
      continue
    }
    if (broken) {
      more ??= longText()
      append(more, breakText(text, scanner.at))
    } else first = breakText(text, scanner.at)
    broken = true
    skipBreak(scanner)
  }
  if (!broken) return text.slice(start, scanner.at)
  const rest = more ? textOf(more) : ''
  return first === '' ? rest : joinLines(first, rest)
}

const BACKSLASH = 92

const ESCAPES: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  '\t': '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
  ' ': ' ',
  '"': '"',
  "'": "'",
  '\\': '\\',
  N: '\u0085',
  _: '\u00a0',
  L: '\u2028',
  P: '\u2029',
}
const HEX_DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 }

function readEscape(scanner: Scanner): string {
  const { text, at } = scanner
  const letter = text.charAt(at + 1)
  const simple = ESCAPES[letter]
  scanner.at += 2
  if (simple !== undefined) return simple
  const length = HEX_DIGITS[letter]
  const hint = 'write a backslash as \\\\, or use single quotes'
  if (length === undefined)
    throw new YamlError(`"\\${letter}" means nothing in double quotes`, { start: at, end: at + 2, hint })
  const digits = text.slice(scanner.at, scanner.at + length)
  const code = new RegExp(`^[\\dA-Fa-f]{${length}}$`).test(digits) ? Number.parseInt(digits, 16) : Number.NaN
  if (!(code <= 0x10ffff) || (code >= 0xd800 && code <= 0xdfff)) {
    throw new YamlError(`"\\${letter}${digits}" is not a character`, { start: at, end: at + 2 + length, hint })
  }
  scanner.at += length
  return String.fromCodePoint(code)
}
