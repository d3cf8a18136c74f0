/** What a phase of loading found wrong: collected to the phase's end, then thrown together. */
import { ComposeError, type Diagnostic, type DiagnosticCode, type Location, type Note } from '../diagnostic.ts'
import { LONGEST_MESSAGE, MOST_FINDINGS } from './limits.ts'
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

/** Words that are looked for only if they are told: finding the name that was meant among thousands takes its time. */
export type Hint = string | (() => string)

export interface Finding {
  readonly code: DiagnosticCode
  readonly message: string
  readonly hint: Hint
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
  /** What was warned of already. */
  readonly given: Set<string>
  /** How many were too many to be told. */
  readonly untold: { errors: number; warnings: number }
  /** How large the project has become: extent.ts. */
  readonly extent: Extent
}

interface Extent {
  values: number
  characters: number
  documents: number
}

/** Those of a part that is looked at apart count the same project's extent. */
export const noFindings = ({
  extent = { values: 0, characters: 0, documents: 0 },
}: Partial<Findings> = {}): Findings => ({
  errors: [],
  warnings: [],
  requests: new Map(),
  given: new Set(),
  untold: { errors: 0, warnings: 0 },
  extent,
})

/** A finding that is costly to describe is described only if it is told. */
export const report = (findings: Findings, finding: Finding | (() => Finding)): void =>
  tell(findings, 'errors', () => diagnose('error', typeof finding === 'function' ? finding() : finding))

export const warn = (findings: Findings, finding: Finding): void => warnAt(findings, finding, () => finding.at)

/** A warning whose place is looked for only if it is told. It is given once: the same sentence about a second place adds nothing. */
export function warnAt(findings: Findings, words: Omit<Finding, 'at'>, find: () => Finding['at']): void {
  if (isGiven(findings, words)) return
  tell(findings, 'warnings', () => diagnose('warning', { ...words, at: find() }))
}

function isGiven({ given }: Findings, { code, message }: Pick<Finding, 'code' | 'message'>): boolean {
  const key = `${code} ${shorten(message)}`
  return given.has(key) || !given.add(key)
}

function tell(findings: Findings, kind: 'errors' | 'warnings', describe: () => Diagnostic): void {
  if (findings[kind].length < MOST_FINDINGS) findings[kind].push(describe())
  else findings.untold[kind]++
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
  const inner: Findings = { ...noFindings(findings), requests: findings.requests }
  let result: Result | undefined
  try {
    result = part(inner)
  } catch (error) {
    // Behind that nothing is looked at any more: every further part would make the project larger still.
    if (error instanceof ComposeError && error.diagnostics.some(({ code }) => code === 'project-too-big')) throw error
    takeThrown(inner, error)
  }
  adopt(findings, inner)
  return inner.errors.length === 0 ? result : undefined
}

/** What was thrown, beside what was found before. */
function takeThrown(findings: Findings, error: unknown): void {
  if (!(error instanceof ComposeError)) throw error
  const known = new Set(findings.errors)
  adopt(findings, {
    errors: error.diagnostics.filter((one) => one.severity === 'error' && !known.has(one)),
    warnings: error.diagnostics.filter(({ severity }) => severity === 'warning'),
  })
}

type Found = Pick<Findings, 'errors' | 'warnings'> & Partial<Pick<Findings, 'untold'>>

/** With ours, what was found apart. */
export function adopt(findings: Findings, { errors, warnings, untold }: Found): void {
  for (const error of errors) tell(findings, 'errors', () => error)
  for (const warning of warnings) if (!isGiven(findings, warning)) tell(findings, 'warnings', () => warning)
  findings.untold.errors += untold?.errors ?? 0
  findings.untold.warnings += untold?.warnings ?? 0
}

/** Does it all. What is thrown then is everything that was found, in the order of reading, each mistake once. */
export function completely<Result>(findings: Findings, whole: () => Result): Result {
  try {
    return whole()
  } catch (error) {
    takeThrown(findings, error)
    const errors = withRequests(inReadingOrder(onePerPlace(findings.errors)), findings)
    const told = [...warningsOf(findings), ...errors, ...countOf(findings.untold.errors, 'error')]
    throw new ComposeError(told, undefined, (error as Error).cause)
  }
}

export const warningsOf = (findings: Findings): readonly Diagnostic[] => [
  ...withRequests(findings.warnings, findings),
  ...countOf(findings.untold.warnings, 'warning'),
]

const countOf = (count: number, severity: Diagnostic['severity']): readonly Diagnostic[] =>
  count === 0
    ? []
    : [
        {
          severity,
          code: 'more-problems',
          message: count === 1 ? 'there is 1 more problem' : `there are ${count} more problems`,
          hint: 'put these right first',
        },
      ]

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
  const files = new Map([...new Set(errors.map(({ at }) => at?.file))].map((file, index) => [file, index]))
  const rank = ({ at }: Diagnostic): number => (at ? (files.get(at.file) ?? 0) : files.size)
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
    message: shorten(message),
    hint: shorten(isTypographic(location) ? TYPOGRAPHIC : typeof hint === 'string' ? hint : hint()),
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
  return { message: shorten(message), ...(location && { at: location }) }
}

/** Names and values that are too long to be read lose their middle. */
function shorten(text: string): string {
  if (text.length <= LONGEST_MESSAGE) return text
  const kept = LONGEST_MESSAGE / 2
  return `${text.slice(0, kept)} ... ${text.slice(-kept)}`
}
