/** `--timeout` in seconds, as the planner takes it. */
import { Refusal } from './failure.ts'

export function timeoutOption(seconds: number | undefined): { readonly timeoutMs?: number } {
  if (seconds === undefined) return {}
  // Docker waits for ever at a negative timeout; the longest a timer can wait is as good.
  return { timeoutMs: seconds < 0 ? 2 ** 31 - 1 : seconds * 1000 }
}

export function requirePositive(flag: string, seconds: number | undefined): void {
  if (seconds !== undefined && seconds < 0) throw new Refusal(`${flag} must be a non-negative integer`)
}
