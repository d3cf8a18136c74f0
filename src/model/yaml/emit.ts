/** YAML as Docker Compose's library writes it: two spaces, lists indented below their key, quotes only where they must be. */
import { goExponent } from '../go-format.ts'
import { changeInPieces } from '../long-text.ts'
import { isMapping, type Printed } from '../print.ts'
import { resolvePlain } from './scalar.ts'

export function emitYaml(document: Printed): string {
  const text = packedLines()
  emitBlock(document, { margin: '', lead: '' }, text.lines)
  return text.all()
}

/** Lines, a thousand of which become one text as soon as they are there: so many small ones would be a burden. */
function packedLines(): { readonly lines: Lines; readonly all: () => string } {
  const packs: string[] = []
  let loose: string[] = []
  const pack = (): void => {
    packs.push(`${loose.join('\n')}\n`)
    loose = []
  }
  const push = (line: string): void => {
    loose.push(line)
    if (loose.length === 1000) pack()
  }
  const all = (): string => {
    if (loose.length > 0) pack()
    return packs.join('')
  }
  return { lines: { push }, all }
}

interface Lines {
  readonly push: (line: string) => void
}

/** `lead` is what the first line starts with: the margin, or the dash or colon of what the block belongs to. */
interface Place {
  readonly margin: string
  readonly lead: string
}

function emitBlock(value: Printed, { margin, lead }: Place, lines: Lines): void {
  let start = lead
  if (isMapping(value) && value.size > 0)
    value.forEach((item, key) => {
      emitEntry(key, item, { margin, lead: start }, lines)
      start = margin
    })
  else if (Array.isArray(value) && value.length > 0)
    for (const item of value) {
      emitItem(item, { margin, lead: `${start}- ` }, lines)
      start = margin
    }
  else lines.push(start + emitInline(value, margin))
}

function emitEntry(key: string, value: Printed, { margin, lead }: Place, lines: Lines): void {
  const inner = `${margin}  `
  if (isComplex(key)) {
    lines.push(`${lead}? ${emitText(key, inner)}`)
    emitItem(value, { margin, lead: `${margin}: ` }, lines)
    return
  }
  const head = `${lead}${emitText(key, '')}:`
  if (isBlock(value)) {
    lines.push(head)
    emitBlock(value, { margin: inner, lead: inner }, lines)
  } else lines.push(`${head} ${emitInline(value, inner)}`)
}

/** A key of several lines, or a very long one, can't stand before its colon without a mark. */
const isComplex = (key: string): boolean => key.includes('\n') || key.length > 128

/** The first line of what an item holds stands beside its dash, or beside the colon of a complex key. */
function emitItem(item: Printed, { margin, lead }: Place, lines: Lines): void {
  const inner = `${margin}  `
  if (isBlock(item)) emitBlock(item, { margin: inner, lead }, lines)
  else lines.push(lead + emitInline(item, inner))
}

const isBlock = (value: Printed): boolean =>
  isMapping(value) ? value.size > 0 : Array.isArray(value) && value.length > 0

function emitInline(value: Printed, margin: string): string {
  if (value === null) return 'null'
  if (isMapping(value)) return '{}'
  if (Array.isArray(value)) return '[]'
  if (typeof value === 'number') return emitNumber(value)
  return typeof value === 'string' ? emitText(value, margin) : String(value)
}

function emitNumber(value: number): string {
  if (Number.isNaN(value)) return '.nan'
  if (!Number.isFinite(value)) return value > 0 ? '.inf' : '-.inf'
  if (Object.is(value, -0)) return '-0'
  if (Number.isSafeInteger(value)) return String(value)
  const exponential = value.toExponential()
  const exponent = Number(exponential.slice(exponential.indexOf('e') + 1))
  return exponent < -4 || exponent >= 6 ? goExponent(exponential) : String(value)
}

/** Words that other YAML readers take for booleans, and what looks like a number in base 60. */
const OLD_BOOLEAN = /^(y|Y|yes|Yes|YES|on|On|ON|n|N|no|No|NO|off|Off|OFF)$/
const BASE_60 = /^[-+]?\d[\d_]*(?::[0-5]?\d)+(?:\.[\d_]*)?$/

/** Most texts: they start with a letter or slash and hold nothing that YAML might take for more than text. */
const ORDINARY = /^[A-Za-z/](?:[\w./@+=,-]|:(?=[\w/]))*$/
/** Longer ones are rare, and such an expression overflows on millions of characters. */
const LONGEST_ORDINARY = 1000
const RESERVED: ReadonlySet<string> = new Set(
  'null true false y yes on n no off'.split(' ').flatMap((word) => [word, word.toUpperCase(), capitalised(word)]),
)

function emitText(text: string, margin: string): string {
  if (text.length <= LONGEST_ORDINARY && ORDINARY.test(text) && !RESERVED.has(text)) return text
  if (text.includes('\n')) return canBeLiteral(text) ? literal(text, margin) : doubleQuote(text)
  const { value, type } = resolvePlain(text)
  const isWord = typeof value !== 'string' || type !== undefined
  if (isWord || OLD_BOOLEAN.test(text) || BASE_60.test(text)) return doubleQuote(text)
  if (text.includes('\t') || !isPrintable(text)) return doubleQuote(text)
  return isPlain(text) ? text : singleQuote(text)
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}

/** A space at the end of a line would be invisible. */
const canBeLiteral = (text: string): boolean => isPrintable(text) && !/ \n| $/.test(text)

function literal(text: string, margin: string): string {
  const chomp = text.endsWith('\n') ? (/\n\n$|^\n$/.test(text) ? '+' : '') : '-'
  const indentation = /^[ \n]/.test(text) ? '2' : ''
  const body = text.endsWith('\n') ? text.slice(0, -1) : text
  const lines = changeInPieces(body, (piece) => piece.replace(/\n(?=[^\n])/g, `\n${margin}`))
  return `|${indentation}${chomp}\n${body === '' || body.startsWith('\n') ? '' : margin}${lines}`
}

/**
 * Characters Docker Compose's library does not show as they are: controls, byte order marks, halves of pairs, and emoji. And the line
 * ends nobody sees (next line, line and paragraph separator), which it shows only if that does not end up as another text.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u2028\u2029\uFEFF\uFFFE\uFFFF\u{10000}-\u{10FFFF}]/u

const isPrintable = (text: string): boolean => !UNPRINTABLE.test(text.replace(/[\n\t]/g, ''))

function isPlain(text: string): boolean {
  if (/^[ \t]|[ \t]$/.test(text) || text === '<<') return false
  if (/^(---|\.\.\.)/.test(text)) return false
  if (/^[,[\]{}#&*!|>'"%@`]/.test(text)) return false
  if (/^[-?:]([ \t]|$)/.test(text) || /^[?:-]$/.test(text)) return false
  return !/: |:$| #|[\n]/.test(text)
}

const singleQuote = (text: string): string => `'${changeInPieces(text, (piece) => piece.replaceAll("'", "''"))}'`

const SHORT: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\x1b': '\\e',
  '"': '\\"',
  '\\': '\\\\',
  '\u0085': '\\N',
  '\u00a0': '\\_',
  '\u2028': '\\L',
  '\u2029': '\\P',
}

/** What can't stand in double quotes as it is. */
const SPECIAL = /[\p{Cc}\p{Cs}\uFEFF\uFFFE\uFFFF\u{10000}-\u{10FFFF}"\\\u00A0\u2028\u2029]/gu

const doubleQuote = (text: string): string => `"${changeInPieces(text, (piece) => piece.replace(SPECIAL, escaped))}"`

const escaped = (character: string): string => SHORT[character] ?? escapeCode(character.codePointAt(0) ?? 0)

function escapeCode(code: number): string {
  const hex = code.toString(16).toUpperCase()
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`
}
