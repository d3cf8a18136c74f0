/** YAML as Docker Compose's library writes it: two spaces, lists indented below their key, quotes only where they must be. */
import { goExponent } from '../go-format.ts'
import type { Printed } from '../print.ts'
import { resolvePlain } from './scalar.ts'

export function emitYaml(document: Printed): string {
  const lines: string[] = []
  emitBlock(document, '', lines)
  return `${lines.join('\n')}\n`
}

function emitBlock(value: Printed, margin: string, lines: string[]): void {
  if (value instanceof Map && value.size > 0)
    for (const [key, item] of value) emitEntry(`${margin}${emitKey(key)}:`, item, margin, lines)
  else if (Array.isArray(value) && value.length > 0) for (const item of value) emitItem(item, margin, lines)
  else lines.push(margin + emitInline(value, margin))
}

function emitEntry(head: string, value: Printed, margin: string, lines: string[]): void {
  if (isBlock(value)) {
    lines.push(head)
    emitBlock(value, `${margin}  `, lines)
  } else lines.push(`${head} ${emitInline(value, `${margin}  `)}`)
}

/** The first line of what an item holds stands beside its dash. */
function emitItem(item: Printed, margin: string, lines: string[]): void {
  if (!isBlock(item)) {
    lines.push(`${margin}- ${emitInline(item, `${margin}  `)}`)
    return
  }
  const inner: string[] = []
  emitBlock(item, `${margin}  `, inner)
  const [first = '', ...rest] = inner
  lines.push(`${margin}- ${first.slice(margin.length + 2)}`, ...rest)
}

const isBlock = (value: Printed): boolean =>
  value instanceof Map ? value.size > 0 : Array.isArray(value) && value.length > 0

function emitInline(value: Printed, margin: string): string {
  if (value === null) return 'null'
  if (value instanceof Map) return '{}'
  if (Array.isArray(value)) return '[]'
  if (typeof value === 'number') return emitNumber(value)
  return typeof value === 'string' ? emitText(value, margin) : String(value)
}

function emitNumber(value: number): string {
  if (Number.isNaN(value)) return '.nan'
  if (!Number.isFinite(value)) return value > 0 ? '.inf' : '-.inf'
  if (Object.is(value, -0)) return '-0'
  const size = Math.abs(value)
  const exponent = size === 0 ? 0 : Math.floor(Math.log10(size))
  if (Number.isInteger(value) && size < 1e21) return String(value)
  return exponent < -4 || exponent >= 21 ? goExponent(value.toExponential()) : String(value)
}

const emitKey = (key: string): string =>
  key.includes('\n') || key.length > 128 ? `? ${emitText(key, '')}` : emitText(key, '')

/** Words that other YAML readers take for booleans, and what looks like a number in base 60. */
const OLD_BOOLEAN = /^(y|Y|yes|Yes|YES|on|On|ON|n|N|no|No|NO|off|Off|OFF)$/
const BASE_60 = /^[-+]?\d[\d_]*(?::[0-5]?\d)+(?:\.[\d_]*)?$/

function emitText(text: string, margin: string): string {
  if (/\n/.test(text) && isPrintable(text)) return emitLiteral(text, margin)
  if (text === '') return '""'
  if (!isPrintable(text)) return doubleQuote(text)
  const readBack = resolvePlain(text).value
  if (typeof readBack !== 'string' || text === '<<' || OLD_BOOLEAN.test(text) || BASE_60.test(text))
    return doubleQuote(text)
  return isPlain(text) ? text : singleQuote(text)
}

function emitLiteral(text: string, margin: string): string {
  if (/ \n/.test(text) || /^[\n ]*$/.test(text) || text.startsWith('\t'))
    return text.startsWith('\t') || /\t/.test(text) ? doubleQuote(text) : literal(text, margin)
  return literal(text, margin)
}

function literal(text: string, margin: string): string {
  const chomp = text.endsWith('\n') ? (/\n\n$|^\n$/.test(text) ? '+' : '') : '-'
  const indentation = /^[ \n]/.test(text) ? '2' : ''
  const body = text.replace(/\n$/, '')
  return `|${indentation}${chomp}\n${body
    .split('\n')
    .map((line) => (line === '' ? '' : margin + line))
    .join('\n')}`
}

/** Characters YAML can't show as they are: controls, byte order marks, halves of pairs. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\uFEFF\uFFFE\uFFFF]/u

const isPrintable = (text: string): boolean => !UNPRINTABLE.test(text.replaceAll('\n', '').replaceAll('\u0085', ''))

function isPlain(text: string): boolean {
  if (/^[\s]|[\s]$/.test(text)) return false
  if (/^(---|\.\.\.)/.test(text)) return false
  if (/^[,[\]{}#&*!|>'"%@`]/.test(text)) return false
  if (/^[-?:](\s|$)/.test(text) || /^[?:-]$/.test(text)) return false
  return !/: |:$| #|[\n]/.test(text)
}

const singleQuote = (text: string): string => `'${text.replaceAll("'", "''")}'`

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

function doubleQuote(text: string): string {
  let quoted = ''
  for (const character of text) {
    const short = SHORT[character]
    if (short !== undefined) quoted += short
    else if (UNPRINTABLE.test(character)) quoted += escapeCode(character.codePointAt(0) ?? 0)
    else quoted += character
  }
  return `"${quoted}"`
}

function escapeCode(code: number): string {
  const hex = code.toString(16).toUpperCase()
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`
}
