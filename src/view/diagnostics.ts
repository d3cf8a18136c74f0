/** Diagnostics as the user reads them: place, message, code, the source line with a caret under the fault, and what to do. */
import type { Diagnostic, Location, Note } from '../diagnostic.ts'
import { escapeControls, escapeLines, type Paint } from './paint.ts'

export function renderDiagnostics(diagnostics: readonly Diagnostic[], paint: Paint): string {
  return diagnostics.map((one) => renderDiagnostic(one, paint)).join('')
}

export function renderDiagnostic({ severity, code, message, hint, at, notes = [] }: Diagnostic, paint: Paint): string {
  const label = paint(severity === 'error' ? 'red' : 'yellow', `${severity}:`)
  const head = `${paint('bold', placeOf(at))}${label} ${escapeControls(message)} ${paint('faint', `[${code}]`)}\n`
  const shown = at?.sourceLine === undefined ? '' : excerpt(at, at.sourceLine, paint)
  return head + shown + notes.map((note) => renderNote(note, paint)).join('') + renderHint(hint, paint)
}

const placeOf = (at: Location | undefined): string => (at ? `${escapeControls(at.file)}:${at.line}:${at.column}: ` : '')

function renderNote({ message, at }: Note, paint: Paint): string {
  return `  ${paint('bold', placeOf(at))}${paint('blue', 'note:')} ${escapeControls(message)}\n`
}

/** What went wrong without a place in a file: `error: message` and a hint. */
export function renderError(message: string, hint: string | undefined, paint: Paint): string {
  return `${paint('red', 'error:')} ${escapeLines(message)}\n${renderHint(hint, paint)}`
}

function renderHint(hint: string | undefined, paint: Paint): string {
  return !hint ? '' : `  ${paint('cyan', 'hint:')} ${escapeControls(hint)}\n`
}

/** The longest piece of a source line that is shown. */
const EXCERPT_COLUMNS = 160

function excerpt(at: Location, sourceLine: string, paint: Paint): string {
  const start = Math.max(0, at.column - 1 - EXCERPT_COLUMNS / 2)
  const shown = sourceLine.slice(start, start + EXCERPT_COLUMNS)
  const before = shown.slice(0, at.column - 1 - start)
  const underlined = shown.slice(before.length, before.length + Math.max(1, at.length ?? 1))
  const caret = '^'.repeat(Math.max(1, escapeControls(underlined).length))
  return `  ${escapeControls(shown)}\n  ${escapeControls(before).replace(/[^\t]/g, ' ')}${paint('green', caret)}\n`
}
