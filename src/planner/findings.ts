/** Collects what the user should hear about, so that a plan fails with all of its problems at once. */
import { ComposeError, type Diagnostic } from '../diagnostic.ts'

export interface Findings {
  readonly add: (...diagnostics: readonly Diagnostic[]) => void
  /** Throws when there are errors, the warnings with them; otherwise returns the warnings. */
  readonly settle: () => readonly Diagnostic[]
}

export function openFindings(): Findings {
  const found: Diagnostic[] = []
  return {
    add: (...diagnostics) => {
      found.push(...diagnostics)
    },
    settle: () => {
      const errors = found.filter((one) => one.severity === 'error')
      const warnings = found.filter((one) => one.severity === 'warning')
      if (errors.length > 0) throw new ComposeError([...warnings, ...errors])
      return found
    },
  }
}
