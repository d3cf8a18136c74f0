/** Scalars of several lines after `|` (kept as they are) or `>` (folded). */

import { append, type LongText, longText, textOf } from '../long-text.ts'
import { breakText, isBlank, isBreak, SPACE, TAB } from './characters.ts'
import { type Scanner, skipBreak } from './scanner.ts'
import { YamlError } from './token.ts'

export interface BlockScalar {
  readonly value: string
  readonly end: number
}

interface Header {
  readonly chomp: 'strip' | 'clip' | 'keep'
  /** How much deeper than its parent the text is indented; 0 to find out. */
  readonly indentation: number
}

export function scanBlockScalar(scanner: Scanner, style: 'literal' | 'folded'): BlockScalar {
  const { chomp, indentation } = scanHeader(scanner)
  let indent = indentation === 0 ? 0 : Math.max(0, scanner.indent) + indentation
  let breaks = scanBreaks(scanner, indent)
  indent = breaks.indent
  const value = longText()
  let lineEnd = ''
  let wasIndented = false
  let end = scanner.at
  while (scanner.at - scanner.lineStart === indent && scanner.at < scanner.text.length) {
    const isIndented = isBlank(scanner.text.charCodeAt(scanner.at))
    // A folded line end is a space, except beside lines that are indented further.
    const folds = style === 'folded' && lineEnd === '\n' && !wasIndented && !isIndented
    append(value, (folds ? (breaks.text === '' ? ' ' : '') : lineEnd) + breaks.text)
    wasIndented = isIndented
    append(value, scanLine(scanner))
    end = scanner.at
    lineEnd = scanLineEnd(scanner)
    breaks = scanBreaks(scanner, indent)
  }
  append(value, (chomp === 'strip' ? '' : lineEnd) + (chomp === 'keep' ? breaks.text : ''))
  return { value: textOf(value), end }
}

function scanHeader(scanner: Scanner): Header {
  const { text } = scanner
  const start = scanner.at
  const [all = '', before = '', digit = '', after = ''] =
    /^[|>]([-+]?)(\d?)([-+]?)/.exec(text.slice(start, start + 4)) ?? []
  const sign = before === '' ? after : before
  scanner.at += before === '' ? all.length : all.length - after.length
  while (isBlank(text.charCodeAt(scanner.at))) scanner.at++
  if (text.charAt(scanner.at) === '#') scanLine(scanner)
  const code = text.charCodeAt(scanner.at)
  if (digit === '0' || !(Number.isNaN(code) || isBreak(code))) {
    throw new YamlError('the text of a block starts on the line below', {
      start,
      end: scanner.at + 1,
      hint: 'put a value that starts with | or > in quotes',
    })
  }
  scanLineEnd(scanner)
  return { chomp: sign === '-' ? 'strip' : sign === '+' ? 'keep' : 'clip', indentation: Number(digit) }
}

function scanLine(scanner: Scanner): string {
  const { text, at } = scanner
  let end = at
  for (let code = text.charCodeAt(end); !(Number.isNaN(code) || isBreak(code)); code = text.charCodeAt(++end));
  scanner.at = end
  return text.slice(at, end)
}

/** What the line end means in the value; '' at the end of the text. */
function scanLineEnd(scanner: Scanner): string {
  if (scanner.at >= scanner.text.length) return ''
  const text = breakText(scanner.text, scanner.at)
  skipBreak(scanner)
  return text
}

interface Breaks {
  readonly text: string
  readonly indent: number
}

/** Empty lines, and the indentation of the next one that is not; an `indent` of 0 is to be found out. */
function scanBreaks(scanner: Scanner, indent: number): Breaks {
  const { text } = scanner
  let breaks: LongText | undefined
  let deepest = 0
  for (;;) {
    const isInside = (): boolean => indent === 0 || scanner.at - scanner.lineStart < indent
    while (isInside() && text.charCodeAt(scanner.at) === SPACE) scanner.at++
    deepest = Math.max(deepest, scanner.at - scanner.lineStart)
    if (isInside() && text.charCodeAt(scanner.at) === TAB) {
      throw new YamlError("a tab can't indent YAML", { start: scanner.at, hint: 'use spaces', mistake: 'tab' })
    }
    if (!isBreak(text.charCodeAt(scanner.at))) break
    breaks ??= longText()
    append(breaks, breakText(text, scanner.at))
    skipBreak(scanner)
  }
  return {
    text: breaks ? textOf(breaks) : '',
    indent: indent === 0 ? Math.max(deepest, scanner.indent + 1, 1) : indent,
  }
}
