/** Calls that are given up. */
import { DriverError } from '../../../src/driver/driver.ts'

export function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw cancelled(signal)
}

export function cancelled(signal: AbortSignal): DriverError {
  return new DriverError('cancelled', 'cancelled', { cause: signal.reason })
}

export function rejectWhenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(cancelled(signal)), { once: true }))
}
