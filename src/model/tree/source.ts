/** A file the user wrote and the way from a character offset in it to line and column. */
import type { Location } from '../../diagnostic.ts'

export interface Source {
  /** As messages name it: relative to the working directory where it lies below it. */
  readonly name: string
  /** Absolute; `-` for standard input. */
  readonly path: string
  readonly text: string
}

/** Where a value was written: a half-open range of characters in a source. */
export interface Origin {
  readonly source: Source
  readonly start: number
  readonly end: number
}

/** How much of a source line a message may carry: a caret under a minified megabyte helps nobody. */
const LONGEST_LINE = 20_000

export function locationOf(origin: Origin | undefined): Location | undefined {
  if (!origin) return undefined
  const { source, start, end } = origin
  const before = source.text.lastIndexOf('\n', start - 1)
  const lineStart = start === 0 ? 0 : before + 1
  const after = source.text.indexOf('\n', start)
  const lineEnd = after < 0 ? source.text.length : after
  const sourceLine = source.text.slice(lineStart, lineEnd).replace(/\r$/, '')
  return {
    file: source.name,
    line: countLines(source.text, lineStart) + 1,
    column: start - lineStart + 1,
    length: Math.max(1, Math.min(end, lineStart + sourceLine.length) - start),
    ...(sourceLine.length <= LONGEST_LINE ? { sourceLine } : {}),
  }
}

function countLines(text: string, until: number): number {
  let lines = 0
  for (let at = text.indexOf('\n'); at >= 0 && at < until; at = text.indexOf('\n', at + 1)) lines++
  return lines
}
