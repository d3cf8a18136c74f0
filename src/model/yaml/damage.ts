/** Which text a mistake makes worthless, and text without it. */
import { indentOf, isItem, type Line, lineAt, lineBelow, nextLine, parentOf, saysSomething } from './lines.ts'
import type { SyntaxFault } from './syntax-fault.ts'

export interface Span {
  readonly start: number
  readonly end: number
}

/**
 * The lines from the first to the last place of a mistake, and all that is inside of the outermost of them; undefined when nothing is left
 * to take away. `bracket` is where the outermost bracket opens that it is in.
 */
export function damageOf({ from, to }: SyntaxFault, bracket: number | undefined, text: string): Span | undefined {
  const first = lineAt(text, bracket ?? from)
  const last = lineAt(text, to)
  const column = outermostColumn(first, last, text)
  // What stands in brackets knows no indentation: nobody can tell where it was meant to end.
  const isLost = bracket !== undefined && column < indentOf(first)
  const end = isLost ? text.length : endOfBlock(last, { column, first }, text)
  return text.slice(first.start, end).trim() === '' ? undefined : { start: first.start, end }
}

function outermostColumn(first: Line, last: Line, text: string): number {
  let column = Number.POSITIVE_INFINITY
  for (let line: Line | undefined = first; line && line.start <= last.start; line = nextLine(text, line))
    if (saysSomething(line)) column = Math.min(column, indentOf(line))
  return column
}

interface Block {
  readonly column: number
  readonly first: Line
}

function endOfBlock(last: Line, block: Block, text: string): number {
  let end = last.end
  for (let line = lineBelow(text, last); line && isInside(line, block); line = lineBelow(text, line)) end = line.end
  return end
}

/** Items may stand in the column of their key, and so may closing brackets. */
function isInside(line: Line, { column, first }: Block): boolean {
  if (indentOf(line) !== column) return indentOf(line) > column
  return /^[\]}]/.test(line.content) || (isItem(line) && !isItem(first))
}

/** Spaces instead of every character but the line ends. */
export const blank = (text: string, { start, end }: Span): string =>
  text.slice(0, start) + text.slice(start, end).replace(/[^\r\n]/g, ' ') + text.slice(end)

/** Nothing but a span and the keys it stands below. */
export function keepAlone(span: Span, text: string): string {
  const kept: Span[] = [span]
  const first = lineAt(text, span.start)
  for (let line = parentOf(first, text); line; line = parentOf(line, text)) kept.unshift(line)
  return keepOnly(kept, text)
}

function keepOnly(kept: readonly Span[], text: string): string {
  let result = ''
  for (const { start, end } of kept)
    result += text.slice(result.length, start).replace(/[^\r\n]/g, ' ') + text.slice(start, end)
  return result + text.slice(result.length).replace(/[^\r\n]/g, ' ')
}
