/** Rows in columns, as Go's tabwriter aligns them for Docker: three spaces between unless told otherwise, a least width for each cell, none after the last. */

export interface TableShape {
  /** Of a cell with its padding; Docker takes 10 for `ps` and 20 for the short lists. */
  readonly leastWidth: number
  /** Spaces between; 3 where none is given. */
  readonly padding?: number
}

const PADDING = 3

export function renderTable(rows: readonly (readonly string[])[], shape: TableShape): string {
  const widths = columnWidths(rows, shape)
  return rows
    .map((row) => `${row.map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at] ?? 0))).join('')}\n`)
    .join('')
}

function columnWidths(rows: readonly (readonly string[])[], shape: TableShape): readonly number[] {
  const { leastWidth, padding = PADDING } = shape
  const widths: number[] = []
  for (const row of rows) {
    row.forEach((cell, at) => {
      widths[at] = Math.max(widths[at] ?? leastWidth, cell.length + padding)
    })
  }
  return widths
}
