/**
 * YAML text to tokens, by the rules of the library Docker Compose reads YAML with, so that the two accept the same files: a key is
 * recognised when its colon comes, blocks open and close by indentation, and what stands between brackets knows no indentation.
 */
import {
  COLON,
  DASH,
  findForbidden,
  HASH,
  isBlank,
  isBlankOrEnd,
  isBreak,
  isIndicator,
  NAME,
  QUESTION,
  SPACE,
  TAB,
} from './characters.ts'
import { currentKey, dropKey, isInReach, saveKey } from './possible-key.ts'
import { scanBlockScalar } from './scan-block-scalar.ts'
import { scanPlain } from './scan-plain.ts'
import { scanQuoted } from './scan-quoted.ts'
import { scanTag } from './scan-tag.ts'
import { columnOf, inFlow, isDocumentMark, type Scanner, skipBreak } from './scanner.ts'
import { type Token, type TokenKind, YamlError } from './token.ts'

export function scannerOf(text: string): Scanner {
  const forbidden = findForbidden(text)
  if (forbidden >= 0) {
    const code = text.charCodeAt(forbidden).toString(16).padStart(4, '0')
    throw new YamlError(`the character U+${code.toUpperCase()} can't stand in a YAML file`, {
      start: forbidden,
      hint: 'remove it, or write it as an escape in double quotes',
    })
  }
  return {
    text,
    waiting: [],
    taken: 0,
    last: 0,
    ended: false,
    handles: new Set(),
    at: 0,
    line: 0,
    lineStart: 0,
    indent: -1,
    indents: [],
    keys: [undefined],
    keyAllowed: true,
  }
}

/** The next token nobody took yet. It is shown once it is certain whether it is a key, which its colon tells; behind the last one stands the last one. */
export function nextToken(scanner: Scanner): Token {
  const { waiting } = scanner
  while (!scanner.ended && (waiting.length === 0 || mayBecomeKey(scanner))) scanToken(scanner)
  return waiting[0] ?? NOTHING
}

const NOTHING: Token = { kind: 'end', start: 0, end: 0, value: '', plain: false, opens: undefined, isKey: false }

export function takeToken(scanner: Scanner): void {
  if (scanner.waiting.length < 2 && scanner.ended) return
  scanner.waiting.shift()
  scanner.taken++
}

function mayBecomeKey(scanner: Scanner): boolean {
  for (const key of scanner.keys) if (key?.token === scanner.taken) return isInReach(key, scanner)
  return false
}

function scanToken(scanner: Scanner): void {
  skipToToken(scanner)
  const { text, at } = scanner
  const code = text.charCodeAt(at)
  closeBlocks(scanner, columnOf(scanner))
  if (Number.isNaN(code)) scanEnd(scanner)
  else if (at !== scanner.lineStart || !scanAtLineStart(scanner, code)) scanContent(scanner, code)
}

function scanContent(scanner: Scanner, code: number): void {
  const { text, at } = scanner
  const scanIndicator = isIndicator(code) ? INDICATORS.get(text.charAt(at)) : undefined
  if (scanIndicator?.(scanner, text.charCodeAt(at + 1))) return
  if (!startsPlain(scanner, code)) throw cannotStart(scanner, code)
  saveKey(scanner)
  scanner.keyAllowed = false
  const plain = scanPlain(scanner, inFlow(scanner))
  push(scanner, 'scalar', { start: at, end: plain.end, value: plain.value, plain: true })
  if (plain.endsLine) scanner.keyAllowed = true
}

function skipToToken(scanner: Scanner): void {
  const { text } = scanner
  for (;;) {
    skipByteOrderMark(scanner)
    skipBlanks(scanner)
    if (text.charCodeAt(scanner.at) === HASH) while (!isBreakOrEnd(text.charCodeAt(scanner.at))) scanner.at++
    if (!isBreak(text.charCodeAt(scanner.at))) return
    skipBreak(scanner)
    if (!inFlow(scanner)) scanner.keyAllowed = true
  }
}

function skipByteOrderMark(scanner: Scanner): void {
  if (scanner.at !== 0 || scanner.text.charCodeAt(0) !== 0xfeff) return
  scanner.at++
  scanner.lineStart++
}

/** A tab may stand between tokens, but never where it would indent something. */
function skipBlanks(scanner: Scanner): void {
  const tabs = inFlow(scanner) || !scanner.keyAllowed
  for (let code = scanner.text.charCodeAt(scanner.at); code === SPACE || (tabs && code === TAB); ) {
    code = scanner.text.charCodeAt(++scanner.at)
  }
}

const isBreakOrEnd = (code: number): boolean => isBreak(code) || Number.isNaN(code)

interface Text {
  readonly start: number
  readonly end: number
  readonly value?: string
  readonly plain?: boolean
  readonly opens?: Token['opens']
}

function push(scanner: Scanner, kind: TokenKind, { start, end, value = '', plain = false, opens }: Text): void {
  scanner.last = start
  scanner.waiting.push({ kind, start, end, value, plain, opens, isKey: false })
}

function scanEnd(scanner: Scanner): void {
  closeBlocks(scanner, -1)
  dropKey(scanner)
  push(scanner, 'end', { start: scanner.at, end: scanner.at })
  scanner.ended = true
}

/** Directives and document marks, which only stand at the start of a line. */
function scanAtLineStart(scanner: Scanner, code: number): boolean {
  if (code === 0x25) return scanDirective(scanner)
  if (!isDocumentMark(scanner.text, scanner.at)) return false
  closeBlocks(scanner, -1)
  dropKey(scanner)
  scanner.keyAllowed = false
  const start = scanner.at
  scanner.at += 3
  if (code !== DASH) scanner.handles.clear()
  push(scanner, code === DASH ? 'document-start' : 'document-end', { start, end: scanner.at })
  return true
}

function scanDirective(scanner: Scanner): true {
  closeBlocks(scanner, -1)
  dropKey(scanner)
  scanner.keyAllowed = false
  const start = scanner.at
  while (!isBreakOrEnd(scanner.text.charCodeAt(scanner.at))) scanner.at++
  const line = scanner.text.slice(start, scanner.at)
  const comment = /[ \t]#/.exec(line)?.index ?? line.length
  const value = line.slice(0, comment).trimEnd()
  if (!/^%(YAML[ \t]+\d{1,2}\.\d{1,2}|TAG[ \t]+![\w-]*!?[ \t]+\S+)$/.test(value)) {
    throw new YamlError(`"${value}" is not a directive of YAML`, {
      start,
      end: scanner.at,
      hint: 'put a value that starts with % in quotes',
    })
  }
  const [name, handle = ''] = value.split(/[ \t]+/)
  if (name === '%TAG') scanner.handles.add(handle)
  push(scanner, 'directive', { start, end: scanner.at, value })
  return true
}

type ScanIndicator = (scanner: Scanner, next: number) => boolean

const open =
  (kind: '[' | '{'): ScanIndicator =>
  (scanner) => {
    saveKey(scanner)
    scanner.keys.push(undefined)
    scanner.keyAllowed = true
    push(scanner, kind, { start: scanner.at, end: ++scanner.at })
    return true
  }

const close =
  (kind: ']' | '}'): ScanIndicator =>
  (scanner) => {
    dropKey(scanner)
    if (inFlow(scanner)) scanner.keys.pop()
    scanner.keyAllowed = false
    push(scanner, kind, { start: scanner.at, end: ++scanner.at })
    return true
  }

const scanComma: ScanIndicator = (scanner) => {
  dropKey(scanner)
  scanner.keyAllowed = true
  push(scanner, ',', { start: scanner.at, end: ++scanner.at })
  return true
}

const scanDash: ScanIndicator = (scanner, next) => {
  if (!isBlankOrEnd(next)) return false
  if (!inFlow(scanner) && !scanner.keyAllowed) {
    throw new YamlError("a list item can't start here", {
      start: scanner.at,
      hint: 'put it on a line of its own, or the text in quotes',
    })
  }
  const opens = openBlock(scanner, columnOf(scanner)) ? 'sequence' : undefined
  dropKey(scanner)
  scanner.keyAllowed = true
  push(scanner, 'entry', { start: scanner.at, end: ++scanner.at, opens })
  return true
}

const scanQuestion: ScanIndicator = (scanner, next) => {
  if (!inFlow(scanner) && !isBlankOrEnd(next)) return false
  if (!inFlow(scanner) && !scanner.keyAllowed) {
    throw new YamlError("a key can't start here", {
      start: scanner.at,
      hint: 'put a value that starts with ? in quotes',
    })
  }
  const opens = openBlock(scanner, columnOf(scanner)) ? 'mapping' : undefined
  dropKey(scanner)
  scanner.keyAllowed = !inFlow(scanner)
  push(scanner, 'key', { start: scanner.at, end: ++scanner.at, opens })
  return true
}

const scanColon: ScanIndicator = (scanner, next) => {
  if (!inFlow(scanner) && !isBlankOrEnd(next)) return false
  const key = currentKey(scanner)
  const opens = key ? undefined : openComplexValue(scanner)
  if (key) {
    const token = scanner.waiting[key.token - scanner.taken]
    if (token) {
      token.isKey = true
      if (openBlock(scanner, key.column)) token.opens = 'mapping'
    }
    scanner.keys[scanner.keys.length - 1] = undefined
    scanner.keyAllowed = false
  }
  push(scanner, 'value', { start: scanner.at, end: ++scanner.at, opens })
  return true
}

/** A colon without a key on its line. */
function openComplexValue(scanner: Scanner): Token['opens'] {
  const allowed = scanner.keyAllowed
  scanner.keyAllowed = !inFlow(scanner)
  if (inFlow(scanner)) return undefined
  if (!allowed) {
    throw new YamlError("a mapping can't start here", {
      start: scanner.at,
      hint: 'indent the line as its neighbours are, or put the text in quotes if the colon belongs to it',
      mistake: 'colon',
      since: scanner.last,
    })
  }
  return openBlock(scanner, columnOf(scanner)) ? 'mapping' : undefined
}

const scanName =
  (kind: 'alias' | 'anchor'): ScanIndicator =>
  (scanner) => {
    saveKey(scanner)
    scanner.keyAllowed = false
    const start = scanner.at
    NAME.lastIndex = start + 1
    const value = NAME.exec(scanner.text)?.[0] ?? ''
    scanner.at = start + 1 + value.length
    const next = scanner.text.charCodeAt(scanner.at)
    if (value === '' || !(isBlankOrEnd(next) || '?:,]}%@`'.includes(scanner.text.charAt(scanner.at)))) {
      const what = kind === 'alias' ? 'a value that starts with *' : 'a value that starts with &'
      throw new YamlError(`this is not the name of an ${kind}`, {
        start,
        end: scanner.at + 1,
        hint: `put ${what} in quotes`,
      })
    }
    push(scanner, kind, { start, end: scanner.at, value })
    return true
  }

const scanTagToken: ScanIndicator = (scanner) => {
  saveKey(scanner)
  scanner.keyAllowed = false
  const start = scanner.at
  const value = scanTag(scanner)
  push(scanner, 'tag', { start, end: scanner.at, value })
  return true
}

const block =
  (style: 'literal' | 'folded'): ScanIndicator =>
  (scanner) => {
    if (inFlow(scanner)) return false
    dropKey(scanner)
    scanner.keyAllowed = true
    const start = scanner.at
    const scalar = scanBlockScalar(scanner, style)
    push(scanner, 'scalar', { start, end: scalar.end, value: scalar.value })
    return true
  }

const quoted: ScanIndicator = (scanner) => {
  saveKey(scanner)
  scanner.keyAllowed = false
  const start = scanner.at
  const value = scanQuoted(scanner)
  push(scanner, 'scalar', { start, end: scanner.at, value })
  return true
}

/** What a token may start with besides the first character of a plain scalar. */
const INDICATORS: ReadonlyMap<string, ScanIndicator> = new Map([
  ['[', open('[')],
  [']', close(']')],
  ['{', open('{')],
  ['}', close('}')],
  [',', scanComma],
  ['-', scanDash],
  ['?', scanQuestion],
  [':', scanColon],
  ['*', scanName('alias')],
  ['&', scanName('anchor')],
  ['!', scanTagToken],
  ['|', block('literal')],
  ['>', block('folded')],
  ['"', quoted],
  ["'", quoted],
])

function startsPlain(scanner: Scanner, code: number): boolean {
  const next = scanner.text.charCodeAt(scanner.at + 1)
  if (code === DASH) return !isBlank(next)
  if (code === QUESTION || code === COLON) return !inFlow(scanner) && !isBlankOrEnd(next)
  return !isBlankOrEnd(code) && !isIndicator(code)
}

function cannotStart({ text, at }: Scanner, code: number): YamlError {
  if (code === TAB) return new YamlError("a tab can't indent YAML", { start: at, hint: 'use spaces', mistake: 'tab' })
  return new YamlError(`"${text.charAt(at)}" can't start a value`, { start: at, hint: 'put the value in quotes' })
}

/** Open a block at a column, unless we are in one that deep already. */
function openBlock(scanner: Scanner, column: number): boolean {
  if (inFlow(scanner) || scanner.indent >= column) return false
  scanner.indents.push(scanner.indent)
  scanner.indent = column
  return true
}

/** Close the blocks that are deeper than a column. */
function closeBlocks(scanner: Scanner, column: number): void {
  if (inFlow(scanner)) return
  while (scanner.indent > column) {
    push(scanner, 'block-end', { start: scanner.at, end: scanner.at })
    scanner.indent = scanner.indents.pop() ?? -1
  }
}
