/** From what containers wrote to lines of text with a name and a time, in order of time across containers. */
import type { LogEntry } from '../../driver/driver.ts'

export interface LogLine {
  readonly name: string
  readonly stream: LogEntry['stream']
  /** Without its line end. */
  readonly text: string
  readonly timeNs: bigint
}

/** Writes are joined until a line is whole; it has the time of its first piece. What is left at the end is a line too. */
export async function* linesOf(name: string, entries: AsyncIterable<LogEntry>): AsyncGenerator<LogLine> {
  const pending = { stdout: openPending(name, 'stdout'), stderr: openPending(name, 'stderr') }
  for await (const entry of entries) yield* pending[entry.stream].add(entry)
  for (const rest of Object.values(pending)) yield* rest.end()
}

interface Pending {
  readonly add: (entry: LogEntry) => readonly LogLine[]
  readonly end: () => readonly LogLine[]
}

function openPending(name: string, stream: LogEntry['stream']): Pending {
  const decoder = new TextDecoder()
  const lineOf = (words: string, timeNs: bigint): LogLine => ({ name, stream, text: words, timeNs })
  let text = ''
  let since: bigint | undefined
  return {
    add: ({ data, timeNs }) => {
      const pieces = `${text}${decoder.decode(data, { stream: true })}`.split('\n')
      text = pieces.pop() as string
      const lines = pieces.map((piece, at) => lineOf(piece, at === 0 ? (since ?? timeNs) : timeNs))
      if (data.at(-1) === LINE_FEED) since = undefined
      else since = lines.length === 0 ? (since ?? timeNs) : timeNs
      return lines
    },
    end: () => (since === undefined ? [] : [lineOf(text + decoder.decode(), since)]),
  }
}

const LINE_FEED = 10

/** Streams that are each in order become one that is; none is read further ahead than one line. */
export async function* mergeByTime(streams: readonly AsyncIterable<LogLine>[]): AsyncGenerator<LogLine> {
  const iterators = streams.map((stream) => stream[Symbol.asyncIterator]())
  const heads = await Promise.all(iterators.map((iterator) => iterator.next()))
  try {
    for (let next = earliest(heads); next !== undefined; next = earliest(heads)) {
      yield (heads[next] as IteratorYieldResult<LogLine>).value
      heads[next] = await (iterators[next] as AsyncIterator<LogLine>).next()
    }
  } finally {
    await Promise.all(iterators.map((iterator) => iterator.return?.()))
  }
}

function earliest(heads: readonly IteratorResult<LogLine>[]): number | undefined {
  let found: { readonly at: number; readonly timeNs: bigint } | undefined
  heads.forEach((head, at) => {
    if (!head.done && (found === undefined || head.value.timeNs < found.timeNs))
      found = { at, timeNs: head.value.timeNs }
  })
  return found?.at
}
