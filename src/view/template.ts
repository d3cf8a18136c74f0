/** `--format`: the table, JSON lines, and the plain part of Docker's templates: `{{.Field}}`, `{{json .Field}}`, `{{json .}}`. */
import { renderTable } from './table.ts'

type Row = Readonly<Record<string, unknown>>

export interface Columns {
  /** Field and heading of each column of the plain table. */
  readonly table: readonly (readonly [field: string, heading: string])[]
  /** Headings of the fields that the plain table lacks. */
  readonly headings: Readonly<Record<string, string>>
  readonly leastWidth: number
}

/** What the template asks for that this version can't do. */
export class TemplateError extends Error {
  override readonly name = 'Refusal'
  readonly hint = 'use table, json, or fields such as {{.Name}}'
}

export function renderRows(rows: readonly Row[], format: string, columns: Columns): string {
  if (format === '' || format === 'table') return renderPlainTable(rows, columns)
  if (format === 'json') return rows.map((row) => `${goJson(row)}\n`).join('')
  if (!/^table\s/.test(format)) return rows.map((row) => `${fill(format, row)}\n`).join('')
  const template = format.slice('table'.length).trimStart()
  const lines = [fill(template, headingsOf(columns)), ...rows.map((row) => fill(template, row))]
  return renderTable(
    lines.map((line) => line.split('\t')),
    columns,
  )
}

function renderPlainTable(rows: readonly Row[], columns: Columns): string {
  const head = columns.table.map(([, heading]) => heading)
  return renderTable([head, ...rows.map((row) => columns.table.map(([field]) => String(row[field] ?? '')))], columns)
}

function headingsOf({ table, headings }: Columns): Row {
  return { ...headings, ...Object.fromEntries(table) }
}

function fill(template: string, row: Row): string {
  return template
    .replaceAll('\\t', '\t')
    .replaceAll('\\n', '\n')
    .replace(/\{\{-?\s*(.*?)\s*-?\}\}/g, (_, action: string) => value(action, row))
}

function value(action: string, row: Row): string {
  const [, json, field] = /^(json\s+)?\.(\w*)$/.exec(action) ?? []
  if (field === undefined || (field === '' && json === undefined))
    throw new TemplateError(`template action {{${action}}} is not supported yet`)
  if (field !== '' && !(field in row)) throw new TemplateError(`template parsing error: there is no field ".${field}"`)
  const found = field === '' ? row : row[field]
  return json === undefined ? String(found) : goJson(found)
}

/** JSON as Go writes it: `<`, `>` and `&` are escaped. */
export function goJson(value: unknown): string {
  return JSON.stringify(value).replace(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`)
}
