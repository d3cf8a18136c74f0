/** Lines that stand in a column where nothing is, and tabs. */
import { indentOf, isItem, type Line, lineAbove, lineAt, lineBelow, lineNumber, parentOf } from './lines.ts'
import type { SyntaxFault, SyntaxRule } from './syntax-fault.ts'

export const explainTab: SyntaxRule = ({ start }, text) => {
  const line = lineAt(text, start)
  let end = start
  while (text[end] === '\t') end++
  const indents = text.slice(line.start, start).trim() === ''
  const above = lineAbove(text, line, ({ start: from, from: to }) => !text.slice(from, to).includes('\t'))
  const like = indents && above && indentOf(above) > 0 ? `: the line above has ${indentOf(above)}` : ''
  return {
    message: indents ? "a tab can't indent YAML" : "a tab can't stand here",
    hint: `use spaces${like}`,
    start,
    end,
    from: start,
    to: start,
  }
}

/** A line that begins neither a key nor an item of any block above it. */
export const explainIndentation: SyntaxRule = ({ start, since, mistake }, text) => {
  const line = lineAt(text, start)
  if (mistake !== 'colon' && line.from !== start) return undefined
  if (line.content.startsWith(':')) {
    return {
      message: 'there is no key before this colon',
      hint: 'write KEY: VALUE',
      start,
      end: start + 1,
      from: line.from,
      to: start,
    }
  }
  if (mistake === 'colon') return tooDeep(line, since, text) ?? itemInItem(line, text)
  return mixture(line, text) ?? itemInItem(line, text) ?? betweenColumns(line, text)
}

/** A key below one that has its value already: `image: nginx`, and `ports:` further to the right. */
function tooDeep(line: Line, since: number, text: string): SyntaxFault | undefined {
  const above = lineAt(text, since)
  const column = columnOfKey(above)
  const key = keyOf(line)
  const other = keyOf({ content: above.content.replace(DASHES, '') })
  if (above.start === line.start || column >= indentOf(line) || key === undefined || other === undefined)
    return undefined
  const parent = parentOf(above, text)
  const damage = { from: (parent ?? above).from, to: line.end }
  const odd = oddOneAbove(line, above, { parent, text })
  if (odd) return { ...odd, ...damage }
  return {
    message: `"${key}" is indented as if it belonged to "${other}", which has a value already`,
    hint: `indent it by ${spaces(column)}, as "${other}" in line ${lineNumber(text, above.start)}`,
    ...atKey(line),
    ...damage,
    from: above.from,
  }
}

const DASHES = /^(-[ \t]+)+/

/** Of the key behind the dash, where it is the first one of an item. */
const columnOfKey = (line: Line): number => indentOf(line) + (DASHES.exec(line.content)?.[0].length ?? 0)

/** Keys among list items, or the other way round. */
function mixture(line: Line, text: string): SyntaxFault | undefined {
  const column = indentOf(line)
  const sibling = lineAbove(text, line, (above) => indentOf(above) <= column)
  if (!sibling || indentOf(sibling) !== column || isItem(line) === isItem(sibling)) return undefined
  const from = (parentOf(line, text) ?? sibling).from
  const place = { start: line.from, end: isItem(line) ? line.from + 1 : line.end, from, to: line.end }
  return isItem(line)
    ? {
        message: 'a list item stands among the keys of a mapping',
        hint: 'write KEY: VALUE as the lines around it, or a dash before each of them',
        ...place,
      }
    : {
        message: 'a key stands among the items of a list',
        hint: 'begin it with "- " as the lines around it, or take their dashes away',
        ...place,
      }
}

/** `- "90"` below `- "80"`, further to the right. */
function itemInItem(line: Line, text: string): SyntaxFault | undefined {
  const above = lineAbove(text, line, () => true)
  if (!above || !isItem(line) || !isItem(above) || indentOf(above) >= indentOf(line)) return undefined
  const parent = parentOf(above, text)
  const damage = { from: (parent ?? above).from, to: line.end }
  const odd = oddOneAbove(line, above, { parent, text })
  if (odd) return { ...odd, ...damage }
  return {
    message: 'this item is indented as if it belonged to the one above, which has a value already',
    hint: `indent it by ${spaces(indentOf(above))}, as line ${lineNumber(text, above.start)}`,
    ...atKey(line),
    ...damage,
  }
}

function betweenColumns(line: Line, text: string): SyntaxFault | undefined {
  const column = indentOf(line)
  const fits = columnsAbove(line, text)
  const [sibling] = fits
  if (!sibling || fits.some((fit) => fit.column === column)) return undefined
  const parent = parentOf(sibling.column > column ? line : sibling.line, text)
  // Which of the columns was meant nobody knows, so that no line of the block can be trusted.
  const damage = { from: parent?.from ?? sibling.line.from, to: line.end }
  const odd = oddOneAbove(line, sibling.line, { parent, text })
  if (odd) return { ...odd, ...damage }
  const wishes = fits.map((fit) => `${spaces(fit.column)} as line ${lineNumber(text, fit.line.start)}`)
  return {
    message: `nothing is indented by ${spaces(column)} here`,
    hint: `indent it by ${wishes.join(', or by ')}`,
    ...atKey(line),
    ...damage,
  }
}

interface Column {
  readonly column: number
  readonly line: Line
}

/** The columns of the blocks that are open above a line: the nearest on its right and on its left, the nearer first. */
function columnsAbove(line: Line, text: string): readonly Column[] {
  const own = indentOf(line)
  const open: Column[] = []
  for (let above = lineAbove(text, line, () => true); above; above = lineAbove(text, above, outside(above))) {
    for (const column of new Set([columnOfKey(above), indentOf(above)])) open.push({ column, line: above })
    if (indentOf(above) <= own) break
  }
  const right = open.filter(({ column }) => column >= own).at(-1)
  const left = open.find(({ column }) => column < own)
  return [right, left]
    .filter((one) => one !== undefined)
    .sort((a, b) => Math.abs(a.column - own) - Math.abs(b.column - own))
}

const outside = (line: Line) => (above: Line) => indentOf(above) < indentOf(line)

interface Around {
  readonly parent: Line | undefined
  readonly text: string
}

/** The first line of a block, where all that come after it agree on another column. */
function oddOneAbove(line: Line, first: Line, { parent, text }: Around): Omit<SyntaxFault, 'from' | 'to'> | undefined {
  const column = indentOf(line)
  const second = lineBelowAt(text, line, column)
  const before = lineAbove(text, first, (above) => indentOf(above) <= indentOf(first))
  const own = isItem(first) ? 'this item' : keyOf(first) && `"${keyOf(first)}"`
  if (!second || own === undefined || before?.start !== parent?.start || lineBelowAt(text, first, indentOf(first)))
    return undefined
  return {
    message: `${own} is indented by ${spaces(indentOf(first))}, and the lines below it by ${column}`,
    hint: `indent it by ${spaces(column)}, as line ${lineNumber(text, line.start)}`,
    ...atKey(first),
  }
}

/** The next line of a column, before any that is further left. */
function lineBelowAt(text: string, line: Line, column: number): Line | undefined {
  let below = lineBelow(text, line)
  while (below && indentOf(below) > column) below = lineBelow(text, below)
  return below && indentOf(below) === column ? below : undefined
}

function atKey(line: Line): Pick<SyntaxFault, 'start' | 'end'> {
  const length = keyOf(line)?.length ?? (isItem(line) ? 1 : line.content.length)
  return { start: line.from, end: line.from + length }
}

const keyOf = ({ content }: Pick<Line, 'content'>): string | undefined =>
  /^["']?([^\s"':#-][^"':#]*)["']?:(\s|$)/.exec(content)?.[1]
const spaces = (count: number): string => `${count} ${count === 1 ? 'space' : 'spaces'}`
