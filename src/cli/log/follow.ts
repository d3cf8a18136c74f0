/** What containers wrote so far, in order of time, and then what they go on writing, as it comes. */
import type { Driver, LogEntry, LogOptions } from '../../driver/driver.ts'
import { type LogLine, linesOf, mergeByTime } from './lines.ts'

export interface LogSource {
  readonly containerId: string
  /** Before its lines. */
  readonly name: string
}

export interface FollowOptions extends Omit<LogOptions, 'follow'> {
  readonly onLine: (line: LogLine) => void
  readonly signal: AbortSignal
}

/** The past of all of them, merged. */
export async function showPast(
  driver: Driver,
  sources: readonly LogSource[],
  options: FollowOptions,
): Promise<ReadonlyMap<string, LogMark>> {
  const marks = new Map<string, LogMark>()
  const streams = sources.map(({ containerId, name }) => {
    const entries = driver.readLogs(containerId, { ...range(options), follow: false }, options.signal)
    return linesOf(
      name,
      marked(entries, (mark) => marks.set(containerId, mark)),
    )
  })
  for await (const line of mergeByTime(streams)) options.onLine(line)
  return marks
}

/** How far a log has been read: the last time seen, and how many entries carry it. */
export interface LogMark {
  readonly timeNs: bigint
  readonly entries: number
}

async function* marked(entries: AsyncIterable<LogEntry>, onMark: (mark: LogMark) => void): AsyncGenerator<LogEntry> {
  let mark: LogMark | undefined
  for await (const entry of entries) {
    mark = { timeNs: entry.timeNs, entries: mark?.timeNs === entry.timeNs ? mark.entries + 1 : 1 }
    yield entry
  }
  if (mark) onMark(mark)
}

/** Goes on where the mark stands; without one, the options say where to begin. Ends when the container has ended for good. */
export async function showFuture(
  driver: Driver,
  source: LogSource,
  options: FollowOptions & { readonly mark?: LogMark | undefined },
): Promise<void> {
  const { mark, onLine, signal } = options
  const from = mark ? { sinceMs: Number(mark.timeNs / 1_000_000n) } : range(options)
  const entries = driver.readLogs(source.containerId, { ...from, ...until(options), follow: true }, signal)
  for await (const line of linesOf(source.name, mark ? after(entries, mark) : entries)) onLine(line)
}

/** Leaves out what was shown: everything older than the mark, and as many entries of its very time as were counted. */
async function* after(entries: AsyncIterable<LogEntry>, mark: LogMark): AsyncGenerator<LogEntry> {
  let seen = 0
  for await (const entry of entries) {
    if (entry.timeNs < mark.timeNs) continue
    if (entry.timeNs === mark.timeNs && ++seen <= mark.entries) continue
    yield entry
  }
}

function range(options: FollowOptions): Omit<LogOptions, 'follow'> {
  const { tail, sinceMs } = options
  return { ...(tail !== undefined && { tail }), ...(sinceMs !== undefined && { sinceMs }), ...until(options) }
}

function until({ untilMs }: FollowOptions): Pick<LogOptions, 'untilMs'> {
  return untilMs === undefined ? {} : { untilMs }
}
