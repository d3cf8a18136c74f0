/** One line of a json-file log. Pure. */
import type { LogEntry } from '../../driver/driver.ts'

const NANOS_PER_MS = 1_000_000n
const SECONDS_LENGTH = '2026-11-21T10:00:00'.length

/** Undefined for a line that is none of ours, such as one that was cut by a full disk. */
export function readEntry(line: string): LogEntry | undefined {
  try {
    const { log, stream, time } = JSON.parse(line) as {
      readonly log: string
      readonly stream: string
      readonly time: string
    }
    return {
      stream: stream === 'stderr' ? 'stderr' : 'stdout',
      timeNs: nanoseconds(time),
      data: Buffer.from(log, 'utf8'),
    }
  } catch {
    return undefined
  }
}

/** Always UTC, with up to nine digits behind the point. */
function nanoseconds(time: string): bigint {
  const seconds = Date.parse(`${time.slice(0, SECONDS_LENGTH)}Z`)
  const fraction = /^[.](\d{1,9})/.exec(time.slice(SECONDS_LENGTH))?.[1] ?? ''
  return millisecondsAsNanos(seconds) + BigInt(fraction.padEnd(9, '0'))
}

export function millisecondsAsNanos(milliseconds: number): bigint {
  return BigInt(Math.trunc(milliseconds)) * NANOS_PER_MS
}
