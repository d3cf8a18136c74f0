/** Text as lines with their indentation: how people see YAML, and where its mistakes are told from. */

export interface Line {
  readonly start: number
  /** Without the line end. */
  readonly end: number
  /** Where the first character that is not white space stands; the end of an empty line. */
  readonly from: number
  /** From there on. */
  readonly content: string
}

export const indentOf = ({ start, from }: Line): number => from - start

export function lineAt(text: string, at: number): Line {
  const start = at <= 0 ? 0 : text.lastIndexOf('\n', at - 1) + 1
  const feed = text.indexOf('\n', start)
  const rest = text.slice(start, feed < 0 ? text.length : feed).replace(/\r$/, '')
  const content = rest.trimStart()
  const end = start + rest.length
  return { start, end, from: end - content.length, content }
}

export const isItem = ({ content }: Line): boolean => /^-(\s|$)/.test(content)

/** Neither empty nor a comment. */
export const saysSomething = ({ content }: Line): boolean => content !== '' && !content.startsWith('#')

export function nextLine(text: string, { end }: Line): Line | undefined {
  const feed = text.indexOf('\n', end)
  return feed < 0 ? undefined : lineAt(text, feed + 1)
}

const previousLine = (text: string, { start }: Line): Line | undefined =>
  start === 0 ? undefined : lineAt(text, start - 1)

/** The nearest line above that says something and is as wanted. */
export function lineAbove(text: string, line: Line, wanted: (above: Line) => boolean): Line | undefined {
  let above = previousLine(text, line)
  while (above && !(saysSomething(above) && wanted(above))) above = previousLine(text, above)
  return above
}

/** The line whose block a line is in. */
export function parentOf(line: Line, text: string): Line | undefined {
  const column = indentOf(line)
  return lineAbove(text, line, (above) => indentOf(above) < column)
}

/** The nearest line below that says something. */
export function lineBelow(text: string, line: Line): Line | undefined {
  let below = nextLine(text, line)
  while (below && !saysSomething(below)) below = nextLine(text, below)
  return below
}

/** The number of the line that a place is in, from 1. */
export function lineNumber(text: string, at: number): number {
  let number = 1
  for (let feed = text.indexOf('\n'); feed >= 0 && feed < at; feed = text.indexOf('\n', feed + 1)) number++
  return number
}
