/** Trying again what may go better the next time, with growing pauses, or the pause that a registry asks for. */
import { setTimeout as delay } from 'node:timers/promises'
import { DriverError } from '../../../driver/driver.ts'
import { throwIfCancelled } from '../../state/lock.ts'

/** A failure that may be gone the next time. */
export class Passing extends Error {
  /** What to say when it never goes away. */
  readonly failure: DriverError
  /** Asked for by the registry. */
  readonly waitMs: number | undefined

  constructor(failure: DriverError, waitMs?: number) {
    super(failure.message, { cause: failure })
    this.failure = failure
    this.waitMs = waitMs
  }
}

const LONGEST_PAUSE_MS = 8_000
/** A registry that asks for more is told to the user, who knows better what to do with the time. */
const LONGEST_WAIT_MS = 60_000
const ATTEMPTS = 5

/** Throws a `Passing` to be called again; after some gain, as often as at first. */
export type Attempt<T> = (afterGain: () => void) => Promise<T>

export async function retrying<T>(attempt: Attempt<T>, signal: AbortSignal, firstPauseMs: number): Promise<T> {
  let failures = 0
  const afterGain = (): void => {
    failures = 0
  }
  for (;;) {
    try {
      return await attempt(afterGain)
    } catch (error) {
      throwIfCancelled(signal)
      if (!(error instanceof Passing)) throw error
      failures++
      const { waitMs = pauseMs(failures, firstPauseMs), failure } = error
      if (failures >= ATTEMPTS || waitMs > LONGEST_WAIT_MS) throw failure
      await delay(waitMs, undefined, { signal }).catch(() => throwIfCancelled(signal))
    }
  }
}

/** With some chance in it: those that were cut off together do not come back together. */
function pauseMs(failures: number, firstPauseMs: number): number {
  return Math.min(LONGEST_PAUSE_MS, firstPauseMs * 2 ** (failures - 1)) * (0.75 + Math.random() / 2)
}

const PASSING_STATUS = new Set([408, 425, 429, 500, 502, 503, 504])

export const mayPass = (status: number): boolean => PASSING_STATUS.has(status)

/** Seconds, or a date. */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined
  const seconds = Number(header)
  const atMs = Date.parse(header)
  if (header.trim() !== '' && Number.isFinite(seconds)) return Math.max(0, seconds * 1000)
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs)
}

/** Connections that broke, and answers that did not come. Nobody listening, or no such host, is not likely to change in a minute. */
const PASSING_CODES = new Set([
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'ECONNABORTED',
  'ERR_STREAM_PREMATURE_CLOSE',
])

export function passing(error: unknown): unknown {
  if (!(error instanceof DriverError) || error.code !== 'image-unreachable') return error
  const { code = '', name } = (error.cause ?? {}) as NodeJS.ErrnoException
  return PASSING_CODES.has(code) || name === 'AbortError' || name === 'TimeoutError' ? new Passing(error) : error
}
