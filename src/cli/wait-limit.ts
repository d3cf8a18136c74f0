/** `--wait-timeout`: how long the user is willing to wait, and what is said when that was not enough. */
import { Refusal } from './failure.ts'
import { requirePositive } from './timeout.ts'

/** Runs `use` with a signal that also fires when the time is over; 0 and undefined are without limit. */
export async function withinWaitLimit<T>(
  seconds: number | undefined,
  signal: AbortSignal,
  use: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  requirePositive('--wait-timeout', seconds)
  if (!seconds) return use(signal)
  const limit = AbortSignal.timeout(seconds * 1000)
  try {
    return await use(AbortSignal.any([signal, limit]))
  } catch (error) {
    if (!limit.aborted || signal.aborted) throw error
    throw new Refusal(
      `application not healthy after ${seconds}s`,
      'see what is amiss with: tscompose ps -a, tscompose logs',
    )
  }
}
