/**
 * Diagnostics as workflow commands, which GitHub shows beside the line they are about.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
 */
import type { Diagnostic, Location } from '../diagnostic.ts'
import { escapeLines } from './paint.ts'

/** `pathOf` gives a file its name in the repository. */
export const renderAnnotations = (diagnostics: readonly Diagnostic[], pathOf: (file: string) => string): string =>
  diagnostics.map((one) => renderAnnotation(one, pathOf)).join('')

function renderAnnotation({ severity, code, message, hint, at }: Diagnostic, pathOf: (file: string) => string): string {
  const properties = [...(at ? placeOf(at, pathOf) : []), `title=${escapeProperty(code)}`]
  return `::${severity} ${properties.join(',')}::${escapeData(hint === '' ? message : `${message}\nhint: ${hint}`)}\n`
}

const placeOf = ({ file, line, column }: Location, pathOf: (file: string) => string): readonly string[] => [
  `file=${escapeProperty(pathOf(file))}`,
  `line=${line}`,
  `col=${column}`,
]

const escapeData = (text: string): string => escapeLines(text).replaceAll('%', '%25').replaceAll('\n', '%0A')

const escapeProperty = (text: string): string => text.replace(/[%\r\n:,]/g, percent)

const percent = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
