/** Waiting for a thread of the addon. */
import { DriverError } from '../driver/driver.ts'
import { driverErrorOf } from './native-error.ts'

export type Done<T> = (error: Error | null, value: T) => void

/**
 * What the thread hands to `done`. It doesn't keep Node alive, so that a cancelled command can end; a timer does meanwhile. `late` takes what comes
 * after the signal.
 */
export function calledBack<T>(
  signal: AbortSignal,
  begin: (done: Done<T>) => void,
  late: (value: T) => void = () => {},
): Promise<T> {
  return new Promise((resolve, reject) => {
    const alive = setInterval(() => {}, 2 ** 30)
    const finish = (settle: () => void): void => {
      clearInterval(alive)
      signal.removeEventListener('abort', cancel)
      settle()
    }
    const cancel = (): void => finish(() => reject(new DriverError('cancelled', 'cancelled', { cause: signal.reason })))
    signal.addEventListener('abort', cancel)
    if (signal.aborted) cancel()
    try {
      begin((error, value) => {
        if (signal.aborted) return error === null ? late(value) : undefined
        finish(() => (error === null ? resolve(value) : reject(driverErrorOf(error))))
      })
    } catch (error) {
      finish(() => reject(driverErrorOf(error as Error)))
    }
  })
}
