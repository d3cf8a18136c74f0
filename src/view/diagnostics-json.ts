/** Diagnostics for programs: a JSON object on a line of its own for each. schemas/output/diagnostic.json describes it. */
import type { Diagnostic, Location, Note } from '../diagnostic.ts'

export const renderJsonLines = (diagnostics: readonly Diagnostic[]): string =>
  diagnostics.map((one) => `${escapeRest(JSON.stringify(toJson(one)))}\n`).join('')

/** JSON escapes only half of the characters that a terminal would obey. */
const escapeRest = (json: string): string =>
  json.replace(/[\x7F-\x9F]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`)

/** `error` is what Docker Compose's readers of JSON look for; `endColumn` is the one behind the last character. */
function toJson({ severity, code, message, hint, at, notes = [] }: Diagnostic): unknown {
  return {
    ...(severity === 'error' && { error: true }),
    severity,
    code,
    message,
    ...(hint !== '' && { hint }),
    ...placeOf(at),
    ...(notes.length > 0 && { notes: notes.map(toNote) }),
  }
}

const toNote = ({ message, at }: Note): unknown => ({ message, ...placeOf(at) })

const placeOf = (at: Location | undefined): object =>
  at === undefined
    ? {}
    : { file: at.file, line: at.line, column: at.column, endColumn: at.column + Math.max(1, at.length ?? 1) }
