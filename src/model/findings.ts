/** What a phase of loading found wrong: collected to the phase's end, then thrown together. */
import { ComposeError, type Diagnostic, type DiagnosticCode, type Note } from '../diagnostic.ts'
import type { Origin } from './tree/node.ts'
import { locationOf } from './tree/source.ts'

/** Another place that has to do with it. */
export interface FindingNote {
  readonly message: string
  readonly at?: Origin | undefined
}

export interface Finding {
  readonly code: DiagnosticCode
  readonly message: string
  readonly hint: string
  /** Undefined only where nothing in a file is to blame. */
  readonly at: Origin | undefined
  readonly notes?: readonly FindingNote[] | undefined
}

/** Filled by the phases; only `settle` empties it of errors, by throwing them. */
export interface Findings {
  readonly errors: Diagnostic[]
  readonly warnings: Diagnostic[]
}

export const noFindings = (): Findings => ({ errors: [], warnings: [] })

export const report = (findings: Findings, finding: Finding): void => {
  findings.errors.push(diagnose('error', finding))
}

/** A warning is given once: the same sentence about a second place adds nothing. */
export const warn = (findings: Findings, finding: Finding): void => {
  if (findings.warnings.some((known) => known.code === finding.code && known.message === finding.message)) return
  findings.warnings.push(diagnose('warning', finding))
}

/** The end of a phase: the next one must not start on a broken tree. */
export function settle(findings: Findings): void {
  if (findings.errors.length > 0) throw new ComposeError([...findings.warnings, ...inReadingOrder(findings.errors)])
}

/** Errors of one file stand together and run from its top to its end; what has no place comes last. */
function inReadingOrder(errors: readonly Diagnostic[]): readonly Diagnostic[] {
  const files = [...new Set(errors.map(({ at }) => at?.file))]
  const rank = ({ at }: Diagnostic): number => (at ? files.indexOf(at.file) : files.length)
  return [...errors].sort(
    (a, b) => rank(a) - rank(b) || (a.at?.line ?? 0) - (b.at?.line ?? 0) || (a.at?.column ?? 0) - (b.at?.column ?? 0),
  )
}

/** For the one mistake after which nothing can be read on. */
export const fail = (finding: Finding): never => {
  throw new ComposeError([diagnose('error', finding)])
}

function diagnose(severity: Diagnostic['severity'], { code, message, at, hint, notes = [] }: Finding): Diagnostic {
  const location = locationOf(at)
  return {
    severity,
    code,
    message,
    hint,
    ...(location ? { at: location } : {}),
    ...(notes.length === 0 ? {} : { notes: notes.map(toNote) }),
  }
}

function toNote({ message, at }: FindingNote): Note {
  const location = locationOf(at)
  return location ? { message, at: location } : { message }
}
