/** What went wrong while a plan was walked. */
import type { Step } from './plan.ts'

export interface StepFailure {
  readonly step: Step
  readonly error: unknown
}

/** Says what the first failure said; all of them are in `failures`, in order of time. */
export class ApplyError extends Error {
  override readonly name = 'ApplyError'
  readonly failures: readonly StepFailure[]

  constructor(failures: readonly [StepFailure, ...StepFailure[]]) {
    super(messageOf(failures[0].error), { cause: failures[0].error })
    this.failures = failures
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
