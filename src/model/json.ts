/** JSON as Go writes it: its escapes, its floats, big integers in full. */
import { fail } from './findings.ts'
import { sprintFloat } from './go-format.ts'
import { isMapping, type Printed, type PrintedMap } from './print.ts'

export function toGoJson(value: Printed, indent: '' | '  ' = ''): string {
  return write(value, indent === '' ? undefined : '')
}

/** `margin` is undefined for the compact form. */
function write(value: Printed, margin: string | undefined): string {
  if (typeof value === 'string') return quote(value)
  if (value === null || typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  if (typeof value === 'number') return writeNumber(value)
  const inner = margin === undefined ? undefined : `${margin}  `
  const layout =
    margin === undefined ? COMPACT : { start: `\n${inner}`, between: `,\n${inner}`, end: `\n${margin}`, colon: ': ' }
  return isMapping(value) ? writeMap(value, layout, inner) : writeList(value, layout, inner)
}

function writeNumber(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? '-0' : JSON.stringify(value)
  return fail({
    code: 'not-in-json',
    message: `the number ${sprintFloat(value)} can't be written as JSON`,
    hint: 'use --format yaml, or write the number in quotes',
    at: undefined,
  })
}

/** What stands around the items of a mapping or list. */
interface Layout {
  readonly start: string
  readonly between: string
  readonly end: string
  readonly colon: string
}

const COMPACT: Layout = { start: '', between: ',', end: '', colon: ':' }

function writeMap(value: PrintedMap, { start, between, end, colon }: Layout, inner: string | undefined): string {
  let text = ''
  for (const [key, item] of value) text += `${text === '' ? start : between}${quote(key)}${colon}${write(item, inner)}`
  return text === '' ? '{}' : `{${text}${end}}`
}

function writeList(items: readonly Printed[], { start, between, end }: Layout, inner: string | undefined): string {
  let text = ''
  for (const item of items) text += `${text === '' ? start : between}${write(item, inner)}`
  return text === '' ? '[]' : `[${text}${end}]`
}

/** Most texts need no escape at all. */
const ORDINARY = /^[\w ./:@+=,;$~*?!()|'#%{}[\]-]*$/

const quote = (text: string): string => (ORDINARY.test(text) ? `"${text}"` : quoteEscaped(text))

const quoteEscaped = (text: string): string =>
  JSON.stringify(text)
    .replace(/[<>&\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replace(/\\u([dD][89abAB][\da-fA-F]{2})/g, '\\ufffd')
