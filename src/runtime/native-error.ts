/** Refusals of the native part (native/addon/src/error.rs) as `DriverError`. The one place where that document is read. */
import { DriverError, type DriverErrorCode } from '../driver/driver.ts'

interface Refusal {
  readonly code: DriverErrorCode
  readonly message: string
  readonly hint?: string | null
}

/** Anything that is not such a document is a mistake of ours and stays what it is. */
export function driverErrorOf(error: unknown): unknown {
  if (!(error instanceof Error) || !error.message.startsWith('{')) return error
  return refusalOf(JSON.parse(error.message) as Refusal, error)
}

/** The same document, as it comes from the monitor. */
export function refusalOf(refusal: Refusal, cause?: unknown): DriverError {
  return new DriverError(refusal.code, refusal.message, { ...(refusal.hint ? { hint: refusal.hint } : {}), cause })
}
