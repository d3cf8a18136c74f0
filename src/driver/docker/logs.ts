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
  const { tty: isRaw } = await inspect(engine, id, signal)
  let wanted = options
  let last = 0n
  for (;;) {
    // What has been shown before the container was started again.
    const shown = last
    for await (const entry of entries(engine, id, wanted, { isRaw, signal })) {
      if (entry.timeNs <= shown) continue
      last = entry.timeNs
      yield entry
    }
    if (!options.follow || signal.aborted || !(await startsAgain(engine, id, signal))) return
    const { tail: _, ...rest } = options
    wanted = last > 0n ? { ...rest, sinceMs: Number(last / 1_000_000n) } : rest
  }
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
    const bytes = stream as AsyncIterable<Buffer>
    for await (const { stream: name, data } of framesOf(isRaw ? wholeLines(bytes) : bytes, isRaw))
      for (const line of linesOf(data)) yield { stream: name, ...stampOf(line) }
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

export function secondsOf(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : (ms / 1000).toFixed(3)
}

/** What comes of a terminal has no frames: a piece may end within a line, even within its time. */
export async function* wholeLines(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let left: Buffer = Buffer.alloc(0)
  for await (const piece of bytes) {
    const all = left.length === 0 ? piece : Buffer.concat([left, piece])
    const end = all.lastIndexOf(10) + 1
    if (end > 0) yield all.subarray(0, end)
    left = all.subarray(end)
  }
  if (left.length > 0) yield left
}

/** Each line begins with its time. */
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
