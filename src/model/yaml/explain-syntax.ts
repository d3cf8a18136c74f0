/**
 * What people most likely did wrong where YAML could not be read on: told from the lines around that place, as a table of rules for each
 * kind of mistake. The first rule that recognises something speaks; otherwise the parser's own words do.
 */
import { explainIndentation, explainTab } from './explain-indentation.ts'
import { explainBracket, explainComma, explainQuote } from './explain-pairs.ts'
import { indentOf, isItem, type Line, lineAbove, lineAt, lineBelow } from './lines.ts'
import type { SyntaxFault, SyntaxRule } from './syntax-fault.ts'
import type { Mistake, YamlError } from './token.ts'

export function explainSyntax(error: YamlError, text: string): SyntaxFault {
  const { message, hint, start, end, mistake } = error
  for (const rule of [...ANYWHERE, ...(mistake ? RULES[mistake] : [])]) {
    const fault = rule(error, text)
    if (fault) return fault
  }
  return { message, hint, start, end, from: Math.min(error.since, start), to: start }
}

const CONFLICT = /^(<{7}|\|{7}|={7}|>{7})( |$)/

/** What a version control system leaves in a file that two people changed. */
const conflict: SyntaxRule = ({ start, since }, text) => {
  const line = [lineAt(text, since), lineAt(text, start)].find(({ content }) => CONFLICT.test(content))
  return (
    line && {
      message: 'this is a mark of a merge conflict that was not resolved',
      hint: 'keep one of the two sides, and remove the lines <<<<<<<, ======= and >>>>>>>',
      start: line.from,
      end: line.end,
      from: line.start,
      to: text.length,
    }
  )
}

const STRANGE_SPACE = /^[ \t]*([^\S \t\r\n\uFEFF])/

const strangeSpace: SyntaxRule = ({ start }, text) => {
  const line = lineAt(text, start)
  const space = STRANGE_SPACE.exec(text.slice(line.start, line.end))?.[1]
  if (space === undefined) return undefined
  const at = text.indexOf(space, line.start)
  const code = space.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')
  return {
    message: `the line is indented with the character U+${code}, which looks like a space`,
    hint: 'write ordinary spaces',
    start: at,
    end: at + 1,
    from: at,
    to: start,
  }
}

const ANYWHERE: readonly SyntaxRule[] = [conflict, strangeSpace]

/** What to write, as long as it can be read at a glance. */
const advice = (verb: string, text: string): string => `${verb} ${text.length > 60 ? `${text.slice(0, 57)}...` : text}`

const NO_SPACE = /^[\w.-]+:(?!\s|\\|\/\/)./

/** `image:nginx`, at the start of a line. */
function lacksSpace({ content, from }: Line): SyntaxFault | undefined {
  if (!NO_SPACE.test(content)) return undefined
  return {
    message: 'the colon behind a key needs a space behind it',
    hint: advice('write', content.replace(':', ': ')),
    start: from + content.indexOf(':'),
    end: from + content.indexOf(':') + 1,
    from,
    to: from,
  }
}

/** `-80:80`, where a list is; a key that starts with a dash is hardly ever meant. */
function lacksSpaceAfterDash(line: Line, text: string): SyntaxFault | undefined {
  const { content, from } = line
  if (!/^-[^\s-]/.test(content)) return undefined
  const column = indentOf(line)
  const neighbours = [lineAbove(text, line, (above) => indentOf(above) <= column), lineBelow(text, line)]
  const inList = neighbours.some((one) => one && indentOf(one) === column && isItem(one))
  if (!inList && !/^-[a-z"']/i.test(content)) return undefined
  return {
    message: 'the dash of a list item needs a space behind it',
    hint: advice('write', content.replace('-', '- ')),
    start: from,
    end: from + 1,
    from,
    to: from,
  }
}

/** `web` alone on its line, and what belongs to it below. */
function lacksColon(line: Line, text: string): SyntaxFault | undefined {
  const { content, from } = line
  const below = lineBelow(text, line)
  const name = /^([\w.-]+)\s*(?:#.*)?$/.exec(content)?.[1]
  if (name === undefined || !below || !belongsTo(below, line)) return undefined
  return {
    message: `the key "${name}" lacks its colon`,
    hint: `write ${name}:`,
    start: from,
    end: from + name.length,
    from,
    to: from,
  }
}

const belongsTo = (below: Line, line: Line): boolean =>
  indentOf(below) > indentOf(line) || (indentOf(below) === indentOf(line) && isItem(below))

/** A colon came where no key could have begun, behind a plain text that began at `since`. */
const colonBehindText: SyntaxRule = (error, text) => {
  const { start, since } = error
  const [first, last] = [lineAt(text, since), lineAt(text, start)]
  if (first.start === last.start) return colonInValue(since, start, last)
  return textAbove(error, text) ?? lacksSpaceAfterDash(first, text)
}

/** A line above whose key is not seen as one, so that its text can't be followed by this line. */
const textAbove: SyntaxRule = ({ start, since }, text) => {
  const above = lineAt(text, since)
  if (since !== above.from || above.start === lineAt(text, start).start) return undefined
  return lacksSpaceAfterDash(above, text) ?? lacksSpace(above) ?? lacksColon(above, text)
}

/** `command: echo a: b` */
function colonInValue(since: number, colon: number, { start, from, end, content }: Line): SyntaxFault | undefined {
  const value = content.slice(since - from).replace(/\s+#.*$/, '')
  if (since === from || /^["'[{&*!]/.test(value) || since < start) return undefined
  const quoted = value.includes('"') ? `'${value.replaceAll("'", "''")}'` : `"${value.replaceAll('\\', '\\\\')}"`
  return {
    message: 'a value without quotes ends at a colon with a space behind it',
    hint: advice('put it in quotes:', quoted),
    start: colon,
    end: colon + 1,
    from,
    to: end,
  }
}

const textBetweenKeys: SyntaxRule = ({ start }, text) => {
  const line = lineAt(text, start)
  if (line.from !== start) return undefined
  return lacksSpaceAfterDash(line, text) ?? lacksSpace(line) ?? lacksColon(line, text)
}

const loneText: SyntaxRule = ({ start }, text) => {
  const { from, end, content } = lineAt(text, start)
  if (from !== start || /:(\s|$)/.test(content)) return undefined
  return {
    message: 'this line is neither a key with a colon nor part of the value above',
    hint: 'write KEY: VALUE, or indent the line below the value it belongs to',
    start,
    end,
    from,
    to: from,
  }
}

const RULES: Readonly<Record<Mistake, readonly SyntaxRule[]>> = {
  tab: [explainTab],
  quote: [],
  colon: [colonBehindText, explainIndentation],
  'no-colon': [textBetweenKeys],
  key: [textAbove, textBetweenKeys, explainBracket, explainQuote, explainIndentation, loneText],
  item: [textAbove, textBetweenKeys, explainBracket, explainQuote, explainIndentation],
  comma: [explainComma],
}
