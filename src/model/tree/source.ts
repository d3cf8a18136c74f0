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
  const starts = lineStartsOf(source)
  const line = lineOf(starts, start)
  const lineStart = starts[line] ?? 0
  const after = source.text.indexOf('\n', start)
  const lineEnd = after < 0 ? source.text.length : after
  const sourceLine = source.text.slice(lineStart, lineEnd).replace(/\r$/, '')
  return {
    file: source.name,
    line: line + 1,
    column: start - lineStart + 1,
    length: Math.max(1, Math.min(end, lineStart + sourceLine.length) - start),
    ...(sourceLine.length <= LONGEST_LINE ? { sourceLine } : {}),
  }
}

/** A file with thousands of mistakes must not be counted through for each of them. */
const known = new WeakMap<Source, readonly number[]>()

function lineStartsOf(source: Source): readonly number[] {
  const found = known.get(source)
  if (found) return found
  const starts = [0]
  for (let feed = source.text.indexOf('\n'); feed >= 0; feed = source.text.indexOf('\n', feed + 1))
    starts.push(feed + 1)
  known.set(source, starts)
  return starts
}

/** The last line that starts at or before a place. */
function lineOf(starts: readonly number[], at: number): number {
  let [low, high] = [0, starts.length - 1]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((starts[middle] ?? 0) <= at) low = middle
    else high = middle - 1
  }
  return low
}
