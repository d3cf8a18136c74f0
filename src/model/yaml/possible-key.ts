/** Where a key may have started: its colon, which comes later, tells whether it did. */
import { columnOf, inFlow, type PossibleKey, type Scanner } from './scanner.ts'
import { YamlError } from './token.ts'

/** A key and its colon stand in one line, not too far apart. */
const LONGEST_KEY = 1024

export const isInReach = (key: PossibleKey, { line, at }: Scanner): boolean =>
  key.line === line && at - key.start <= LONGEST_KEY

/** Note that a key may start at the next token. */
export function saveKey(scanner: Scanner): void {
  if (!scanner.keyAllowed) return
  dropKey(scanner)
  const column = columnOf(scanner)
  const required = !inFlow(scanner) && scanner.indent === column
  scanner.keys[scanner.keys.length - 1] = {
    token: scanner.taken + scanner.waiting.length,
    start: scanner.at,
    line: scanner.line,
    column,
    required,
  }
}

export function dropKey(scanner: Scanner): void {
  const key = scanner.keys.at(-1)
  if (key?.required) throw noColon(scanner, key)
  scanner.keys[scanner.keys.length - 1] = undefined
}

/** The key that the colon here belongs to. */
export function currentKey(scanner: Scanner): PossibleKey | undefined {
  const key = scanner.keys.at(-1)
  if (!key || isInReach(key, scanner)) return key
  if (key.required) throw noColon(scanner, key)
  return undefined
}

function noColon({ text }: Scanner, { start }: PossibleKey): YamlError {
  const end = text.slice(start).search(/[\r\n]|$/) + start
  return new YamlError('this line is neither a key with a colon nor part of the value above', {
    start,
    end,
    hint: 'write KEY: VALUE, or indent the line below the value it belongs to',
    mistake: 'no-colon',
  })
}
