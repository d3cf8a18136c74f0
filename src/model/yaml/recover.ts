/**
 * More than one mistake of a file: what is damaged by a mistake is blanked out, every offset kept, and the rest is read again. A mistake
 * that could be a consequence of another is not told: one too many confuses more than one too few.
 */
import { ComposeError, type Diagnostic } from '../../diagnostic.ts'
import { adopt, type Findings, noFindings, report } from '../findings.ts'
import type { Source } from '../tree/source.ts'
import { build } from './build.ts'
import { blank, damageOf, keepAlone, type Span } from './damage.ts'
import { explainSyntax } from './explain-syntax.ts'
import { lineAt } from './lines.ts'
import { nextToken, scannerOf, takeToken } from './scan.ts'
import type { SyntaxFault } from './syntax-fault.ts'
import { YamlError } from './token.ts'

/** Nobody reads more of them. */
const MOST = 20
/** A file of more characters is told its first mistake only, and of none are more read again: a large broken file must fail soon too. */
const LARGEST = 1_000_000
const READ_AGAIN = 4_000_000

interface Reading {
  readonly source: Source
  readonly findings: Findings
  /** Characters that may still be read. */
  left: number
}

export function reportSyntax(source: Source, first: YamlError, findings: Findings): void {
  const reading: Reading = { source, findings, left: READ_AGAIN }
  if (source.text.length > LARGEST) {
    tell(explainSyntax(first, source.text), reading)
    return
  }
  const damages: Span[] = []
  let rest = source.text
  let error: YamlError | undefined = first
  for (let told = 0; error && told < MOST; ) {
    const { earliest, bracket } = lookBefore(error, rest, reading)
    const fault = explainSyntax(earliest, rest)
    const damage = damageOf(fault, bracket, rest)
    if (told === 0 || (damage && isOwnMistake(earliest, damage, { rest, damages, reading }))) {
      tell(fault, reading)
      told++
    }
    if (!damage || reading.left < rest.length) return
    damages.push(damage)
    rest = blank(rest, damage)
    const next = firstError(rest, reading)
    error = next.error
    if (!error) takeDuplicates(next.found, findings)
  }
}

/** Of what is found in the remains only this is true of the whole; some of it the first reading has told. */
function takeDuplicates(found: Findings, findings: Findings): void {
  const told = new Set(findings.errors.map(({ code, at }) => `${code} ${at?.line}:${at?.column}`))
  const isNew = ({ code, at }: Diagnostic): boolean =>
    code === 'duplicate-key' && !told.has(`${code} ${at?.line}:${at?.column}`)
  adopt(findings, { errors: found.errors.filter(isNew), warnings: [] })
}

function tell({ message, hint, start, end, notes = [] }: SyntaxFault, { source, findings }: Reading): void {
  report(findings, {
    code: 'yaml-syntax',
    message,
    hint,
    at: { source, start, end },
    notes: notes.map((note) => ({ message: note.message, at: { source, start: note.start, end: note.end } })),
  })
}

interface Before {
  /** The scanner is a token ahead of the parser, which may have seen a mistake before that one. */
  readonly earliest: YamlError
  /** Where the outermost bracket opens that the line of the mistake is in. */
  readonly bracket: number | undefined
}

function lookBefore(error: YamlError, text: string, reading: Reading): Before {
  // An open quote is a value like any other to what stands before it.
  const cut = text.slice(0, error.start) + (error.mistake === 'quote' ? 'x' : '')
  const above = error.mistake === 'quote' ? firstError(cut, reading).error : undefined
  const earliest = above && above.start < cut.length ? above : error
  const line = lineAt(text, Math.min(earliest.since, earliest.start))
  return { earliest, bracket: openBracket(text.slice(0, line.start), reading) }
}

function openBracket(text: string, reading: Reading): number | undefined {
  const open: number[] = []
  reading.left -= text.length
  try {
    const scanner = scannerOf(text)
    for (let token = nextToken(scanner); token.kind !== 'end'; token = nextToken(scanner)) {
      if (token.kind === '[' || token.kind === '{') open.push(token.start)
      else if (token.kind === ']' || token.kind === '}') open.pop()
      takeToken(scanner)
    }
  } catch (error) {
    // A text cut off may end in a mistake.
    if (!(error instanceof YamlError)) throw error
  }
  return open[0]
}

interface Outcome {
  readonly error: YamlError | undefined
  readonly found: Findings
}

function firstError(text: string, reading: Reading): Outcome {
  const found = noFindings()
  reading.left -= text.length
  try {
    build(scannerOf(text), { ...reading.source, text }, found)
  } catch (error) {
    if (error instanceof YamlError) return { error, found }
    if (!(error instanceof ComposeError)) throw error
  }
  return { error: undefined, found }
}

interface Remains {
  readonly rest: string
  /** What was taken away so far. */
  readonly damages: readonly Span[]
  readonly reading: Reading
}

/** Whether the mistake is there as well when nothing but its own block is left, and that block was whole. */
function isOwnMistake(error: YamlError, damage: Span, { rest, damages, reading }: Remains): boolean {
  const own = lineAt(rest, error.start)
  const block = { start: Math.min(damage.start, own.start), end: Math.max(damage.end, own.end) }
  const isWhole = !damages.some(({ start, end }) => start < block.end && end > block.start)
  const alone = keepAlone(isWhole ? block : own, rest)
  return firstError(alone, reading).error?.start === error.start
}
