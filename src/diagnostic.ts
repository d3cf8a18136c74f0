/** What is wrong with the user's input, as values. A leaf: every room may import it, it imports nothing. */

/** A place in a file the user wrote. `line` and `column` count from 1; `length` is in characters. */
export interface Location {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly length?: number
  /** The whole source line, without its line end, for the caret. */
  readonly sourceLine?: string
}

export interface Diagnostic {
  readonly severity: 'error' | 'warning'
  /** Stable, kebab-case and searchable; listed in docs/errors.md. */
  readonly code: string
  /** One sentence, lower case, no full stop: what is wrong, with its subject in quotes. */
  readonly message: string
  /** What the user can type or change to put it right. */
  readonly hint?: string
  readonly at?: Location
}

/** Docker Compose's exit codes. */
export const EXIT = { done: 0, failed: 1, changes: 2, interrupted: 130 } as const

/** The user's mistake: every diagnostic of the failing phase at once. */
export class ComposeError extends Error {
  override readonly name = 'ComposeError'
  readonly diagnostics: readonly Diagnostic[]
  readonly exitCode: number

  constructor(diagnostics: readonly Diagnostic[], exitCode: number = EXIT.failed, cause?: unknown) {
    super(diagnostics.map((one) => one.message).join('\n'), { cause })
    this.diagnostics = diagnostics
    this.exitCode = exitCode
  }
}
