/** Scalars without quotes: they end at `: `, at ` #`, at a bracket that is not theirs, or with their block. */

import { append, type LongText, longText, textOf } from '../long-text.ts'
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
  let end = lineEndAt(text, scanner.at, inFlow)
  const first = text.slice(scanner.at, end)
  let value: LongText | undefined
  scanner.at = end
  let joint = scanGap(scanner)
  while (joint !== undefined && continues(scanner, inFlow)) {
    const from = scanner.at
    end = lineEndAt(text, from, inFlow)
    if (end === from) break
    value ??= longText(first)
    append(value, joint + text.slice(from, end))
    scanner.at = end
    joint = scanGap(scanner)
  }
  return { value: value ? textOf(value) : first, end, endsLine: joint !== undefined }
}

/** Whether the line we are at can go on with the scalar of the line above. */
function continues(scanner: Scanner, inFlow: boolean): boolean {
  const column = scanner.at - scanner.lineStart
  return (inFlow || column > scanner.indent) && !endsHere(scanner, column)
}

function endsHere({ text, at }: Scanner, column: number): boolean {
  return text.charCodeAt(at) === HASH || (column === 0 && isDocumentMark(text, at))
}

/** Where on its line the scalar ends; white space before that end belongs to it, white space behind it does not. */
function lineEndAt(text: string, from: number, inFlow: boolean): number {
  let end = from
  for (let at = from; ; at++) {
    const code = text.charCodeAt(at)
    if (isBlank(code)) continue
    if (isBreak(code) || Number.isNaN(code)) return end
    if (code === HASH && at > end) return end
    if (code === COLON && isBlankOrEnd(text.charCodeAt(at + 1))) return end
    if (inFlow && isFlowIndicator(code)) return end
    end = at + 1
  }
}

/** Over white space and line ends; what they are in the value, or undefined when no line ended. */
function scanGap(scanner: Scanner): string | undefined {
  const { text } = scanner
  let first: string | undefined
  let more: LongText | undefined
  for (let code = text.charCodeAt(scanner.at); isBlank(code) || isBreak(code); code = text.charCodeAt(scanner.at)) {
    if (isBlank(code)) {
      if (first !== undefined && code === TAB && scanner.at - scanner.lineStart <= scanner.indent)
        throw tabIndents(scanner)
      scanner.at++
      continue
    }
    if (first === undefined) first = breakText(text, scanner.at)
    else {
      more ??= longText()
      append(more, breakText(text, scanner.at))
    }
    skipBreak(scanner)
  }
  return first === undefined ? undefined : joinLines(first, more ? textOf(more) : '')
}

/** One line end is a space, several are one less. */
export function joinLines(first: string, more: string): string {
  if (first !== '\n') return first + more
  return more === '' ? ' ' : more
}

function tabIndents({ at }: Scanner): YamlError {
  return new YamlError("a tab can't indent YAML", { start: at, hint: 'use spaces', mistake: 'tab' })
}
