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
  const starts = lineStarts(source)
  const index = lineIndex(starts, start)
  const lineStart = starts[index] ?? 0
  const next = starts[index + 1]
  const lineEnd = lineStart + withoutBreak(source.text, lineStart, next ?? source.text.length)
  return {
    file: source.name,
    line: index + 1,
    column: start - lineStart + 1,
    length: Math.max(1, Math.min(end, lineEnd) - start),
    ...(lineEnd - lineStart <= LONGEST_LINE ? { sourceLine: source.text.slice(lineStart, lineEnd) } : {}),
  }
}

/** Found once for each source: there may be thousands of places to tell. */
const known = new WeakMap<Source, Uint32Array>()

function lineStarts(source: Source): Uint32Array {
  let starts = known.get(source)
  if (!starts) {
    starts = findLineStarts(source.text)
    known.set(source, starts)
  }
  return starts
}

/** A line ends with a line feed, a carriage return, or both, as editors show it. */
function findLineStarts(text: string): Uint32Array {
  let starts = new Uint32Array(1024)
  let count = 1
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code !== LINE_FEED && (code !== CARRIAGE_RETURN || text.charCodeAt(at + 1) === LINE_FEED)) continue
    if (count === starts.length) {
      const more = new Uint32Array(2 * count)
      more.set(starts)
      starts = more
    }
    starts[count++] = at + 1
  }
  return starts.subarray(0, count)
}

const LINE_FEED = 10
const CARRIAGE_RETURN = 13

/** The last line that starts at or before a place. */
function lineIndex(starts: Uint32Array, at: number): number {
  let [low, high] = [0, starts.length - 1]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((starts[middle] ?? 0) <= at) low = middle
    else high = middle - 1
  }
  return low
}

/** How long a line is without its line end. */
function withoutBreak(text: string, start: number, end: number): number {
  let length = end - start
  while (length > 0 && [LINE_FEED, CARRIAGE_RETURN].includes(text.charCodeAt(start + length - 1))) length--
  return length
}
