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
}

/** The words; undefined when a quote or bracket stays open. */
export function splitCommand(line: string): readonly string[] | undefined {
  const scan: Scan = { words: [], word: undefined, inside: '' }
  for (let at = 0; at < line.length; at++) {
    const character = line.charAt(at)
    if (scan.inside === '' && OPERATORS.has(character)) {
      endAtOperator(scan, character)
      break
    }
    const isEscape = character === '\\' && scan.inside !== "'"
    if (isEscape) at++
    if (at === line.length || !(isEscape ? addEscaped(scan, line.charAt(at)) : add(scan, character))) return undefined
  }
  if (scan.inside !== '') return undefined
  return scan.word === undefined ? scan.words : [...scan.words, scan.word]
}

const SPACE = new Set([' ', '\t', '\r', '\n'])
const OPERATORS = new Set([';', '&', '|', '<', '>'])

/** `2>` is one operator: the digits are no word. */
function endAtOperator(scan: Scan, operator: string): void {
  if (operator === '>' && /^\d+$/.test(scan.word ?? '')) scan.word = undefined
}

const ESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n' }

function addEscaped(scan: Scan, character: string): true {
  const kept = scan.inside === '`' || scan.inside === '$('
  scan.word = (scan.word ?? '') + (kept ? `\\${character}` : (ESCAPES[character] ?? character))
  return true
}

/** Take one character; false for a bracket out of place. */
function add(scan: Scan, character: string): boolean {
  if (scan.inside === '' && SPACE.has(character)) {
    if (scan.word !== undefined) scan.words.push(scan.word)
    scan.word = undefined
    return true
  }
  const next = scan.inside === '' ? enter(character, scan.word ?? '') : leave(scan.inside, character)
  if (!next) return false
  scan.inside = next.inside
  scan.word = (scan.word ?? '') + (next.kept ? character : '')
  return true
}

interface Next {
  readonly inside: Inside
  /** Whether the character is part of the word. */
  readonly kept: boolean
}

function enter(character: string, word: string): Next | undefined {
  if (character === '"' || character === "'") return { inside: character, kept: false }
  if (character === '`') return { inside: '`', kept: true }
  if (character === '(') return word.endsWith('$') ? { inside: '$(', kept: true } : undefined
  return character === ')' ? undefined : { inside: '', kept: true }
}

function leave(inside: Inside, character: string): Next | undefined {
  if (character === inside) return { inside: '', kept: inside === '`' }
  if (inside !== '$(') return { inside, kept: true }
  if (character === '(') return undefined
  return { inside: character === ')' ? '' : inside, kept: true }
}
