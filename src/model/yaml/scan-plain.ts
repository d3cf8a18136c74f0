/** Scalars without quotes: they end at `: `, at ` #`, at a bracket that is not theirs, or with their block. */
import { breakText, COLON, HASH, isBlank, isBlankOrEnd, isBreak, isFlowIndicator, TAB } from './characters.ts'
import { isDocumentMark, type Scanner, skipBreak } from './scanner.ts'
import { YamlError } from './token.ts'

export interface PlainScalar {
  readonly value: string
  readonly end: number
  /** A line ended behind it, so that a key may follow. */
  readonly endsLine: boolean
}

export function scanPlain(scanner: Scanner, inFlow: boolean): PlainScalar {
  const { text } = scanner
  const start = scanner.at
  let value = ''
  let end = start
  let gap: Gap = { joint: '', broken: false }
  for (;;) {
    const pieceEnd = pieceEndAt(text, scanner.at, inFlow)
    if (pieceEnd > scanner.at) {
      value += gap.joint + text.slice(scanner.at, pieceEnd)
      end = pieceEnd
      scanner.at = pieceEnd
      gap = { joint: '', broken: false }
    }
    const code = text.charCodeAt(scanner.at)
    if (!isBlank(code) && !isBreak(code)) break
    gap = scanGap(scanner)
    const column = scanner.at - scanner.lineStart
    if ((!inFlow && column <= scanner.indent) || endsHere(scanner, column)) break
  }
  return { value, end, endsLine: gap.broken }
}

function endsHere({ text, at }: Scanner, column: number): boolean {
  return text.charCodeAt(at) === HASH || (column === 0 && isDocumentMark(text, at))
}

/** The end of the run of characters that are neither blank nor the end of the scalar. */
function pieceEndAt(text: string, from: number, inFlow: boolean): number {
  let at = from
  for (let code = text.charCodeAt(at); !isBlankOrEnd(code); code = text.charCodeAt(++at)) {
    if (code === COLON && isBlankOrEnd(text.charCodeAt(at + 1))) break
    if (inFlow && isFlowIndicator(code)) break
  }
  return at
}

/** White space between two pieces, and what it is in the value. */
interface Gap {
  readonly joint: string
  readonly broken: boolean
}

function scanGap(scanner: Scanner): Gap {
  const { text } = scanner
  const start = scanner.at
  let first: string | undefined
  let more = ''
  for (let code = text.charCodeAt(scanner.at); isBlank(code) || isBreak(code); code = text.charCodeAt(scanner.at)) {
    if (isBlank(code)) {
      if (first !== undefined && code === TAB && scanner.at - scanner.lineStart <= scanner.indent)
        throw tabIndents(scanner)
      scanner.at++
      continue
    }
    if (first === undefined) first = breakText(text, scanner.at)
    else more += breakText(text, scanner.at)
    skipBreak(scanner)
  }
  if (first === undefined) return { joint: text.slice(start, scanner.at), broken: false }
  return { joint: joinLines(first, more), broken: true }
}

/** One line end is a space, several are one less. */
export function joinLines(first: string, more: string): string {
  if (first !== '\n') return first + more
  return more === '' ? ' ' : more
}

function tabIndents({ at }: Scanner): YamlError {
  return new YamlError("a tab can't indent YAML", { start: at, hint: 'use spaces' })
}
