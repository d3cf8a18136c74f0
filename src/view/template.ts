/** `--format`: the table, JSON lines, and Docker's templates. */
import { TemplateValueError } from './go-template/functions.ts'
import { parseTemplate, TemplateSyntaxError } from './go-template/parse.ts'
import { runTemplate } from './go-template/run.ts'
import { goJson } from './go-template/values.ts'
import { labelHeading } from './label-method.ts'
import { renderTable } from './table.ts'

type Row = Readonly<Record<string, unknown>>

export interface Columns {
  /** Field and heading of each column of the plain table. */
  readonly table: readonly (readonly [field: string, heading: string])[]
  /** Headings of the fields that the plain table lacks. */
  readonly headings: Readonly<Record<string, string>>
  readonly leastWidth: number
}

/** A template that can't be understood, or asks for what is not there. */
export class TemplateError extends Error {
  override readonly name = 'Refusal'
  readonly hint = 'use table, json, or a Go template with fields such as {{.Name}}'
}

export function renderRows(rows: readonly Row[], format: string, columns: Columns): string {
  if (format === '' || format === 'table') return renderPlainTable(rows, columns)
  if (format === 'json') return rows.map((row) => `${goJson(row)}\n`).join('')
  if (!/^table\s/.test(format))
    return rows
      .map(filler(format))
      .map((line) => `${line}\n`)
      .join('')
  const fill = filler(format.slice('table'.length).trimStart())
  const lines = [fill(headingsOf(columns)), ...rows.map(fill)]
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
  return { ...headings, ...Object.fromEntries(table), Label: labelHeading }
}

function filler(template: string): (row: Row) => string {
  const unescaped = template.replaceAll('\\t', '\t').replaceAll('\\n', '\n')
  const nodes = said(() => parseTemplate(unescaped))
  return (row) => said(() => runTemplate(nodes, row))
}

function said<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof TemplateSyntaxError || error instanceof TemplateValueError)
      throw new TemplateError(`template parsing error: ${error.message}`, { cause: error })
    throw error
  }
}
