/**
 * A command written as one text, split into words as Docker Compose splits it: quotes and backslashes mean what they mean to a shell,
 * variables and globs are left alone, and the text ends at a shell operator.
 */

/** What the scanner is inside of; '' for nothing. */
type Inside = '' | "'" | '"' | '`' | '$('

interface Scan {
  readonly words: string[]
  /** Undefined between words. */
  word: string | undefined
  inside: Inside
  /** The last character of the word. */
  last: string
}

/** The words; undefined when a quote or bracket stays open. */
export function splitCommand(line: string): readonly string[] | undefined {
  const scan: Scan = { words: [], word: undefined, inside: '', last: '' }
  for (let at = takeRun(scan, line, 0); at < line.length; ) {
    if (scan.inside === '' && OPERATORS.has(line.charAt(at))) {
      endAtOperator(scan, line.charAt(at))
      break
    }
    const taken = takeSpecial(scan, line, at)
    if (taken === 0) return undefined
    at = takeRun(scan, line, at + taken)
  }
  if (scan.inside !== '') return undefined
  return scan.word === undefined ? scan.words : [...scan.words, scan.word]
}

/** Take a quote, a bracket, a space or what is escaped: how many characters; 0 when it is out of place. */
function takeSpecial(scan: Scan, line: string, at: number): number {
  const character = line.charAt(at)
  if (character !== '\\' || scan.inside === "'") return add(scan, character) ? 1 : 0
  if (at + 1 === line.length) return 0
  addEscaped(scan, line.charAt(at + 1))
  return 2
}

/** Characters that mean themselves, by what they are inside of. */
const RUNS: Readonly<Record<Inside, RegExp>> = {
  '': /[^ \t\r\n;&|<>\\"'`()]+/y,
  "'": /[^']+/y,
  '"': /[^"\\]+/y,
  '`': /[^`\\]+/y,
  '$(': /[^()\\]+/y,
}

/** Where it ends. */
function takeRun(scan: Scan, line: string, at: number): number {
  const run = RUNS[scan.inside]
  run.lastIndex = at
  const text = run.exec(line)?.[0] ?? ''
  if (text !== '') append(scan, text)
  return at + text.length
}

function append(scan: Scan, text: string): void {
  scan.word = (scan.word ?? '') + text
  if (text !== '') scan.last = text.charAt(text.length - 1)
}

const SPACE = new Set([' ', '\t', '\r', '\n'])
const OPERATORS = new Set([';', '&', '|', '<', '>'])

/** `2>` is one operator: the digits are no word. */
function endAtOperator(scan: Scan, operator: string): void {
  if (operator === '>' && /^\d+$/.test(scan.word ?? '')) scan.word = undefined
}

const ESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n' }

function addEscaped(scan: Scan, character: string): void {
  const kept = scan.inside === '`' || scan.inside === '$('
  append(scan, kept ? `\\${character}` : (ESCAPES[character] ?? character))
}

/** Take one character; false for a bracket out of place. */
function add(scan: Scan, character: string): boolean {
  if (scan.inside === '' && SPACE.has(character)) {
    if (scan.word !== undefined) scan.words.push(scan.word)
    scan.word = undefined
    scan.last = ''
    return true
  }
  const next = scan.inside === '' ? enter(character, scan.last) : leave(scan.inside, character)
  if (!next) return false
  scan.inside = next.inside
  append(scan, next.kept ? character : '')
  return true
}

interface Next {
  readonly inside: Inside
  /** Whether the character is part of the word. */
  readonly kept: boolean
}

function enter(character: string, last: string): Next | undefined {
  if (character === '"' || character === "'") return { inside: character, kept: false }
  if (character === '`') return { inside: '`', kept: true }
  if (character === '(') return last === '$' ? { inside: '$(', kept: true } : undefined
  return character === ')' ? undefined : { inside: '', kept: true }
}

function leave(inside: Inside, character: string): Next | undefined {
  if (character === inside) return { inside: '', kept: inside === '`' }
  if (inside !== '$(') return { inside, kept: true }
  if (character === '(') return undefined
  return { inside: character === ')' ? '' : inside, kept: true }
}
