/** What a container wrote, as the daemon keeps it. */
import type { Driver, LogEntry, LogOptions } from '../driver.ts'
import { inspect } from './containers.ts'
import type { Engine } from './engine.ts'
import { framesOf } from './frames.ts'

/** The daemon ends a log with its container, also when that is to be started again. */
export async function* readLogs(
  engine: Engine,
  id: string,
  options: LogOptions,
  signal: AbortSignal,
): ReturnType<Driver['readLogs']> {
  const { sinceMs: since, tail: most, ...rest } = options
  let [sinceMs, tail] = [since, most]
  let last = 0n
  for (;;) {
    const { tty } = await inspect(engine, id, signal)
    for await (const entry of entries(
      engine,
      id,
      { ...rest, ...definedTimes(sinceMs, tail) },
      { isRaw: tty, signal },
    )) {
      if (entry.timeNs <= last) continue
      last = entry.timeNs
      yield entry
    }
    if (!options.follow || signal.aborted || !(await startsAgain(engine, id, signal))) return
    sinceMs = last > 0n ? Number(last / 1_000_000n) : sinceMs
    tail = undefined
  }
}

function definedTimes(sinceMs: number | undefined, tail: number | undefined): Pick<LogOptions, 'sinceMs' | 'tail'> {
  return { ...(sinceMs === undefined ? {} : { sinceMs }), ...(tail === undefined ? {} : { tail }) }
}

interface Reading {
  readonly isRaw: boolean
  readonly signal: AbortSignal
}

async function* entries(
  engine: Engine,
  id: string,
  { follow, tail, sinceMs, untilMs }: LogOptions,
  { isRaw, signal }: Reading,
): AsyncGenerator<LogEntry> {
  const query = {
    stdout: true,
    stderr: true,
    timestamps: true,
    follow,
    tail: tail ?? 'all',
    since: secondsOf(sinceMs),
    until: secondsOf(untilMs),
  }
  try {
    const stream = await engine.stream({ path: `/containers/${id}/logs`, query, signal })
    for await (const { stream: name, data } of framesOf(stream as AsyncIterable<Buffer>, isRaw))
      for (const line of linesOf(data)) yield { stream: name, ...stampOf(line) }
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

export function secondsOf(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : (ms / 1000).toFixed(3)
}

/** Each line begins with its time. A line of a terminal may come in pieces, which have none. */
function* linesOf(data: Buffer): Generator<Buffer> {
  let start = 0
  while (start < data.length) {
    const end = data.indexOf(10, start)
    yield data.subarray(start, end < 0 ? data.length : end + 1)
    start = end < 0 ? data.length : end + 1
  }
}

const STAMP = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d) /

function stampOf(line: Buffer): Omit<LogEntry, 'stream'> {
  const [all = '', seconds = '', fraction = '', zone = 'Z'] = STAMP.exec(line.subarray(0, 40).toString('latin1')) ?? []
  const base = BigInt(Date.parse(`${seconds}${zone}`) || 0) * 1_000_000n
  return { timeNs: base + BigInt(fraction.padEnd(9, '0') || 0), data: line.subarray(all.length) }
}

/** Waits for the daemon's decision. */
async function startsAgain(engine: Engine, id: string, signal: AbortSignal): Promise<boolean> {
  for (;;) {
    const { status } = await inspect(engine, id, signal)
    if (status === 'running' || status === 'paused') return true
    if (status !== 'restarting') return false
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
