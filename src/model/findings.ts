/** What a phase of loading found wrong: collected to the phase's end, then thrown together. */
import { ComposeError, type Diagnostic, type DiagnosticCode, type Location, type Note } from '../diagnostic.ts'
import type { Origin } from './tree/node.ts'
import { locationOf } from './tree/source.ts'

/** In a source, or found there already. */
type Place = Origin | Location

const toLocation = (place: Place | undefined): Location | undefined =>
  place && 'source' in place ? locationOf(place) : place

/** Another place that has to do with it. */
export interface FindingNote {
  readonly message: string
  readonly at?: Place | undefined
}

export interface Finding {
  readonly code: DiagnosticCode
  readonly message: string
  readonly hint: string
  /** Undefined only where nothing in a file is to blame. */
  readonly at: Place | undefined
  readonly notes?: readonly FindingNote[] | undefined
}

/** Filled by the phases; only `settle` ends them, by throwing the errors. */
export interface Findings {
  readonly errors: Diagnostic[]
  readonly warnings: Diagnostic[]
  /** By name, where each file was asked for that another file names. */
  readonly requests: Map<string, Note>
}

export const noFindings = (): Findings => ({ errors: [], warnings: [], requests: new Map() })

export const report = (findings: Findings, finding: Finding): void => {
  findings.errors.push(diagnose('error', finding))
}

export const warn = (findings: Findings, finding: Finding): void => {
  addWarning(findings, diagnose('warning', finding))
}

/** A warning is given once: the same sentence about a second place adds nothing. */
function addWarning({ warnings }: Findings, warning: Diagnostic): void {
  if (!warnings.some(({ code, message }) => code === warning.code && message === warning.message))
    warnings.push(warning)
}

/** Where a file was asked for; the first to ask for it is told. Places cost time: it is only looked for then. */
export function noteRequest({ requests }: Findings, file: string, note: () => FindingNote): void {
  if (!requests.has(file)) requests.set(file, toNote(note()))
}

/** The end of a phase: the next one must not start on a broken tree. */
export function settle({ errors, warnings }: Findings): void {
  if (errors.length > 0) throw new ComposeError([...warnings, ...errors])
}

/** Does a part of a phase whose mistakes must not keep those of others from being found; undefined when it made some. */
export function apart<Result>(findings: Findings, part: (inner: Findings) => Result): Result | undefined {
  const inner: Findings = { errors: [], warnings: [], requests: findings.requests }
  let result: Result | undefined
  try {
    result = part(inner)
  } catch (error) {
    takeThrown(inner, error)
  }
  findings.errors.push(...inner.errors)
  for (const warning of inner.warnings) addWarning(findings, warning)
  return inner.errors.length === 0 ? result : undefined
}

/** What was thrown, beside what was found before. */
function takeThrown(findings: Findings, error: unknown): void {
  if (!(error instanceof ComposeError)) throw error
  for (const one of error.diagnostics) {
    if (one.severity === 'warning') addWarning(findings, one)
    else if (!findings.errors.includes(one)) findings.errors.push(one)
  }
}

/** Does it all. What is thrown then is everything that was found, in the order of reading, each mistake once. */
export function completely<Result>(findings: Findings, whole: () => Result): Result {
  try {
    return whole()
  } catch (error) {
    takeThrown(findings, error)
    const told = [...warningsOf(findings), ...withRequests(inReadingOrder(onePerPlace(findings.errors)), findings)]
    throw new ComposeError(told, undefined, (error as Error).cause)
  }
}

export const warningsOf = (findings: Findings): readonly Diagnostic[] => withRequests(findings.warnings, findings)

/** A value that is used by several services is wrong once. */
function onePerPlace(errors: readonly Diagnostic[]): readonly Diagnostic[] {
  const seen = new Set<string>()
  return errors.filter(({ code, message, at }) => {
    const key = JSON.stringify(at ? [code, at.file, at.line, at.column] : [code, message])
    return !seen.has(key) && seen.add(key)
  })
}

/** With the way on which the file came in that it is in. */
function withRequests(diagnostics: readonly Diagnostic[], { requests }: Findings): readonly Diagnostic[] {
  if (requests.size === 0) return diagnostics
  return diagnostics.map((one) => {
    const way = requestsOf(one.at?.file, requests)
    return way.length === 0 ? one : { ...one, notes: [...(one.notes ?? []), ...way] }
  })
}

function requestsOf(file: string | undefined, requests: Findings['requests']): readonly Note[] {
  const way: Note[] = []
  for (let note = requests.get(file ?? ''); note && !way.includes(note); note = requests.get(note.at?.file ?? ''))
    way.push(note)
  return way
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
  const location = toLocation(at)
  return {
    severity,
    code,
    message,
    hint: isTypographic(location) ? TYPOGRAPHIC : hint,
    ...(location ? { at: location } : {}),
    ...(notes.length === 0 ? {} : { notes: notes.map(toNote) }),
  }
}

const TYPOGRAPHIC = 'the quotes here are those of a word processor, which YAML does not know: write " or \''

/** Whatever else is said of a value that begins with such a quote, that is what is wrong. */
const isTypographic = (location: Location | undefined): boolean =>
  location?.sourceLine !== undefined && /[\u2018-\u201F]/.test(location.sourceLine.charAt(location.column - 1))

function toNote({ message, at }: FindingNote): Note {
  const location = toLocation(at)
  return location ? { message, at: location } : { message }
}
