/**
 * The grammar of `.env` and `env_file`, as Docker Compose reads it: `export`, quotes, escapes, comments, interpolation and values
 * inherited from the environment.
 * https://github.com/compose-spec/compose-spec/blob/main/05-services.md#env_file-format
 */
import { grow, growByVariable } from './extent.ts'
import { type Findings, report, warn, warnAt } from './findings.ts'
import { describeTemplateError, describeUnset, firstReference, within } from './interpolate/describe.ts'
import { substitute, type Taken, TemplateError } from './interpolate/template.ts'
import { MOST_FINDINGS } from './limits.ts'
import type { Origin, Source } from './tree/source.ts'
import { isSpace, trimEnd } from './white-space.ts'

export interface DotenvContext {
  /** Variables that win over those of the file in interpolation, and that a bare `NAME` inherits. */
  readonly lookup: (name: string) => string | undefined
  readonly findings: Findings
  /** Told of each value and the line it stands in. */
  readonly onValue?: ((value: FileValue) => void) | undefined
}

export interface FileValue {
  readonly name: string
  readonly value: string
  readonly at: Origin
  /** The line has the name alone: its value is that of the variable. */
  readonly inherited: boolean
  readonly used: readonly Reference[]
}

/** A variable in a text, and what it put there. */
export interface Reference {
  readonly name: string
  readonly value: string
  readonly how: Taken
  /** The text it stands in. */
  readonly template: string
}

const NONE: readonly Reference[] = []

interface Cursor {
  readonly source: Source
  readonly text: string
  at: number
  /** The last quoted value of several lines. */
  quoted: Span | undefined
  /** The last line had a character that no name has, as the lines of a text without quotes have; or those above it too. */
  strange: { readonly repeated: boolean } | undefined
  /** The variables that went into the value. */
  used: readonly Reference[]
}

interface Span {
  readonly start: number
  readonly end: number
}

/** Read a file's variables into `variables`; later lines see earlier ones. */
export function parseDotenv(source: Source, variables: Map<string, string>, context: DotenvContext): void {
  const cursor: Cursor = {
    source,
    text: source.text,
    at: source.text.startsWith('\uFEFF') ? 1 : 0,
    quoted: undefined,
    strange: undefined,
    used: NONE,
  }
  const { errors } = context.findings
  grow(context.findings, { characters: source.text.length })
  // A file that is wrong in so many places is none of variables.
  while (errors.length < MOST_FINDINGS && skipToStatement(cursor)) {
    const [start, told] = [cursor.at, errors.length]
    readStatement(cursor, variables, context)
    if (errors.length > told) recover(cursor, { start, told }, context.findings)
    else cursor.strange = undefined
  }
}

interface Broken {
  readonly start: number
  /** How many errors there were before. */
  readonly told: number
}

/** Goes on behind a broken line. */
function recover(cursor: Cursor, broken: Broken, findings: Findings): void {
  const { text, quoted, strange } = cursor
  const isQuote = quoted !== undefined && !text.slice(quoted.end, broken.start).includes('\n')
  if (isQuote) blameQuote(cursor, quoted, { findings, told: broken.told })
  else if (strange?.repeated) findings.errors.length = broken.told
  const feed = text.indexOf('\n', isQuote ? quoted.start : broken.start)
  cursor.at = feed < 0 ? text.length : feed + 1
  cursor.quoted = undefined
}

function readStatement(cursor: Cursor, variables: Map<string, string>, context: DotenvContext): void {
  const start = cursor.at
  cursor.used = NONE
  const key = readKey(cursor, context.findings)
  const value = key?.inherited ? context.lookup(key.name) : key && readValue(cursor, variables, context)
  if (key === undefined || value === undefined) return
  const at = { source: cursor.source, start, end: cursor.at }
  growByVariable(context.findings, key.name, value, at)
  variables.set(key.name, value)
  context.onValue?.({ ...key, value, at, used: cursor.used })
}

/** What comes behind a quoted value of several lines shows that its quote was meant to close earlier. */
function blameQuote(
  { source, text }: Cursor,
  { start, end }: Span,
  { findings, told }: { findings: Findings; told: number },
): void {
  const quote = text.charAt(start)
  findings.errors.length = told
  report(findings, {
    code: 'env-file-syntax',
    message: `the quote ${quote} is not closed on its line`,
    hint: `close it with another ${quote}`,
    at: { source, start, end: start + 1 },
    notes: [{ message: `so the next ${quote} closes it`, at: { source, start: end - 1, end } }],
  })
}

/** NaN is the end of the text. */
const isBlank = (code: number): boolean =>
  code === 32 || code === 9 || (code >= 11 && code <= 13) || code === 0x85 || code === 0xa0

/** Stand on the next character that is neither space nor comment; false at the end. */
function skipToStatement(cursor: Cursor): boolean {
  const { text } = cursor
  for (;;) {
    while (cursor.at < text.length && isSpace(text.charAt(cursor.at))) cursor.at++
    if (cursor.at >= text.length) return false
    if (text[cursor.at] !== '#') return true
    const end = text.indexOf('\n', cursor.at)
    if (end < 0) return false
    cursor.at = end
  }
}

interface Key {
  readonly name: string
  /** Nothing but the name stands in the line: the value is the environment's. */
  readonly inherited: boolean
}

function readKey(cursor: Cursor, findings: Findings): Key | undefined {
  skipExport(cursor)
  const start = cursor.at
  if (start === cursor.text.length) return reportNothing(cursor, findings)
  const end = keyEnd(cursor, findings)
  if (end === undefined) return undefined
  const found = end < cursor.text.length
  cursor.at = found ? end + 1 : end
  skipSpaces(cursor)
  if (!found) return readLastName(cursor, start, findings)
  const name = trimEnd(cursor.text.slice(start, end))
  if (!name.includes(' ')) return { name, inherited: cursor.text[end] === '\n' }
  const at = { source: cursor.source, start, end }
  report(findings, {
    code: 'env-file-syntax',
    message: `the name "${name}" has a space in it`,
    hint: 'one NAME=value stands on each line',
    at,
  })
  return undefined
}

function reportNothing({ source, at }: Cursor, findings: Findings): undefined {
  const place = { source, start: Math.max(0, at - 1), end: at }
  report(findings, {
    code: 'env-file-syntax',
    message: 'no name stands behind "export"',
    hint: 'write export NAME=value',
    at: place,
  })
}

function skipExport(cursor: Cursor): void {
  if (!cursor.text.startsWith('export', cursor.at) || !/[\t\n\f\r ]/.test(cursor.text[cursor.at + 6] ?? '')) return
  cursor.at += 'export'.length
  skipSpaces(cursor)
}

function skipSpaces(cursor: Cursor): void {
  while (isBlank(cursor.text.charCodeAt(cursor.at))) cursor.at++
}

/** Where the name ends: at a separator, or at the end of the text. Undefined (and reported) for a character no name has. */
function keyEnd(cursor: Cursor, findings: Findings): number | undefined {
  for (let end = cursor.at; end < cursor.text.length; end++) {
    const code = cursor.text.charCodeAt(end)
    if (SEPARATORS.has(code)) return end
    if (!isInName(code)) return reportCharacter(cursor, end, cursor.text.charAt(end), findings)
  }
  return cursor.text.length
}

const SEPARATORS = new Set([...'=:\n'].map((character) => character.charCodeAt(0)))
const IN_NAME = /[\w.\-[\]]/

const isInName = (code: number): boolean =>
  isBlank(code) || (code < 128 ? IN_NAME.test(String.fromCharCode(code)) : isLetterOrDigit(code))

/** All of Unicode's letters take a third of a millisecond to look up, and few names have any beyond ASCII. */
const isLetterOrDigit = (code: number): boolean => /[\p{L}\p{N}]/u.test(String.fromCharCode(code))

/** A name without a line end after it, the file's last words: Docker Compose takes it for the value of a variable without a name. */
function readLastName(cursor: Cursor, start: number, findings: Findings): Key {
  const end = cursor.text.length
  warn(findings, {
    code: 'nameless-variable',
    message: `"${trimEnd(cursor.text.slice(start))}" is taken for a value without a name, because the file ends behind it`,
    hint: 'end the last line with a line break',
    at: { source: cursor.source, start, end },
  })
  cursor.at = start
  return { name: '', inherited: false }
}

function reportCharacter(cursor: Cursor, at: number, character: string, findings: Findings): undefined {
  const place = { source: cursor.source, start: at, end: at + 1 }
  cursor.strange = { repeated: cursor.strange !== undefined }
  report(findings, {
    code: 'env-file-syntax',
    message: `${JSON.stringify(character)} can't stand in the name of a variable`,
    hint: 'write NAME=value, and quote a value of several lines',
    at: place,
  })
  return undefined
}

function readValue(cursor: Cursor, variables: Map<string, string>, context: DotenvContext): string | undefined {
  const quote = cursor.text[cursor.at]
  if (quote === '"' || quote === "'") return readQuoted(cursor, quote, variables, context)
  const start = cursor.at
  const lineEnd = cursor.text.indexOf('\n', start)
  const end = lineEnd < 0 ? cursor.text.length : lineEnd
  cursor.at = lineEnd < 0 ? end : end + 1
  const line = cursor.text.slice(start, end)
  const comment = line.indexOf(' #')
  const value = trimEnd(comment < 0 ? line : line.slice(0, comment))
  return expand(cursor, value, { at: { source: cursor.source, start, end }, variables, context })
}

function readQuoted(
  cursor: Cursor,
  quote: string,
  variables: Map<string, string>,
  context: DotenvContext,
): string | undefined {
  const start = cursor.at
  const close = closingQuote(cursor.text, start, quote)
  if (close < 0) {
    const lineEnd = cursor.text.indexOf('\n', start)
    const at = { source: cursor.source, start, end: lineEnd < 0 ? cursor.text.length : lineEnd }
    report(context.findings, {
      code: 'env-file-syntax',
      message: `the quote ${quote} is never closed`,
      hint: `close it with another ${quote}`,
      at,
    })
    return undefined
  }
  cursor.at = close + 1
  if (cursor.text.slice(start, close).includes('\n')) cursor.quoted = { start, end: close + 1 }
  const value = cursor.text.slice(start + 1, close).replaceAll(`\\${quote}`, quote)
  if (quote === "'") return value
  const at = { source: cursor.source, start, end: close + 1 }
  return expand(cursor, unescapeText(value), { at, variables, context })
}

/** A backslash takes away the next character's meaning. */
function closingQuote(text: string, start: number, quote: string): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === quote) return at
  }
  return -1
}

const ESCAPE = /\\(?:[abcfnrtv$"\\]|0\d{0,3})/g
const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '"': '"',
  '\\': '\\',
  $: '$$',
}

function unescapeText(value: string): string {
  return value.replace(ESCAPE, (sequence) => {
    const known = ESCAPES[sequence.charAt(1)]
    if (known !== undefined) return known
    const octal = /^\\0([0-7]{3})$/.exec(sequence)?.[1]
    const code = octal === undefined ? undefined : Number.parseInt(octal, 8)
    return code === undefined || code > 255 ? sequence.replace('\\0', '\\') : String.fromCodePoint(code)
  })
}

interface Expansion {
  readonly at: Origin
  readonly variables: ReadonlyMap<string, string>
  readonly context: DotenvContext
}

function expand(cursor: Cursor, value: string, { at, variables, context }: Expansion): string | undefined {
  const unset = (name: string): void =>
    warnAt(context.findings, describeUnset(name), () => within(at, value, firstReference(value, name)))
  const used = (name: string, put: string, how: Taken): void => {
    cursor.used = [...cursor.used, { name, value: put, how, template: value }]
  }
  try {
    return substitute(value, { value: (name) => context.lookup(name) ?? variables.get(name), unset, used })
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    report(context.findings, { ...describeTemplateError(error), at: within(at, value, error.offset) })
    return undefined
  }
}
