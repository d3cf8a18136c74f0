/**
 * Docker's argument grammar, as its users' fingers know it: short clusters, `-fFILE`, `--name=value`, `--flag=false`, the last of a
 * single flag wins, and everything from the first operand on belongs to `exec` and `run`. It reads words and prints nothing.
 */

import { nearest } from '../model/nearest.ts'

/** The part of an oclif flag that the grammar needs; oclif's own flag records satisfy it. */
export interface FlagRule {
  readonly type: 'boolean' | 'option'
  readonly char?: string | undefined
  readonly aliases?: readonly string[] | undefined
  readonly multiple?: boolean | undefined
}

export type FlagRules = Readonly<Record<string, FlagRule>>

export interface Grammar {
  /** Later ones win where two use the same name or letter. */
  readonly flags: readonly FlagRules[]
  /** With `false` the first operand ends the flags. */
  readonly interspersed: boolean
}

/** One flag as it was written; a boolean's text is `true` or `false`. */
export interface GivenFlag {
  readonly name: string
  readonly text: string
  /** `-d, --detach`, as error messages show it. */
  readonly shown: string
}

export interface Argv {
  readonly given: readonly GivenFlag[]
  readonly operands: readonly string[]
}

/** What the user typed can't be read; the message is Docker's. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly hint?: string

  constructor(message: string, hint?: string) {
    super(message)
    if (hint !== undefined) this.hint = hint
  }
}

export function readArgv(words: readonly string[], grammar: Grammar): Argv {
  const index = indexFlags(grammar.flags)
  const given: GivenFlag[] = []
  const operands: string[] = []
  const queue = [...words]
  for (let word = queue.shift(); word !== undefined; word = queue.shift()) {
    if (word === '--') {
      operands.push(...queue)
      break
    }
    if (word.startsWith('--')) given.push(readLong(word, queue, index))
    else if (word.startsWith('-') && word !== '-') given.push(...readShort(word, queue, index))
    else {
      operands.push(word)
      if (!grammar.interspersed) {
        operands.push(...queue)
        break
      }
    }
  }
  return { given, operands }
}

interface NamedRule {
  readonly name: string
  readonly rule: FlagRule
}

interface FlagIndex {
  readonly long: ReadonlyMap<string, NamedRule>
  readonly short: ReadonlyMap<string, NamedRule>
}

function indexFlags(records: readonly FlagRules[]): FlagIndex {
  const long = new Map<string, NamedRule>([['help', HELP]])
  const short = new Map<string, NamedRule>([['h', HELP]])
  for (const rules of records) {
    for (const [name, rule] of Object.entries(rules)) {
      const named = { name, rule }
      for (const alias of [name, ...(rule.aliases ?? [])]) long.set(alias, named)
      if (rule.char) short.set(rule.char, named)
    }
  }
  return { long, short }
}

const HELP: NamedRule = { name: 'help', rule: { type: 'boolean', char: 'h' } }

function readLong(word: string, queue: string[], index: FlagIndex): GivenFlag {
  const equals = word.indexOf('=')
  const name = equals < 0 ? word.slice(2) : word.slice(2, equals)
  if (name === '' || name.startsWith('-')) throw new UsageError(`bad flag syntax: ${word}`)
  const named = index.long.get(name)
  if (!named) throw new UsageError(`unknown flag: --${name}`, nearestFlag(name, index))
  if (equals >= 0) return flagWithText(named, word.slice(equals + 1))
  if (named.rule.type === 'boolean') return flagWithText(named, 'true')
  const text = queue.shift()
  if (text === undefined) throw new UsageError(`flag needs an argument: --${name}`)
  return flagWithText(named, text)
}

function nearestFlag(name: string, { long }: FlagIndex): string | undefined {
  const found = nearest(name, long.keys())
  return found === undefined ? undefined : `did you mean --${found}?`
}

function readShort(word: string, queue: string[], index: FlagIndex): readonly GivenFlag[] {
  const given: GivenFlag[] = []
  for (let rest = word.slice(1); rest !== ''; ) {
    const char = String.fromCodePoint(rest.codePointAt(0) as number)
    const named = index.short.get(char)
    if (!named) throw new UsageError(`unknown shorthand flag: '${char}' in ${word}`)
    rest = rest.slice(char.length)
    if (rest.startsWith('=')) return [...given, flagWithText(named, rest.slice(1))]
    if (named.rule.type === 'boolean') {
      given.push(flagWithText(named, 'true'))
      continue
    }
    const text = rest === '' ? queue.shift() : rest
    if (text === undefined) throw new UsageError(`flag needs an argument: '${char}' in ${word}`)
    return [...given, flagWithText(named, text)]
  }
  return given
}

const TRUE = new Set(['1', 't', 'T', 'true', 'TRUE', 'True'])
const FALSE = new Set(['0', 'f', 'F', 'false', 'FALSE', 'False'])

function flagWithText({ name, rule }: NamedRule, text: string): GivenFlag {
  const shown = rule.char ? `-${rule.char}, --${name}` : `--${name}`
  if (rule.type === 'option') return { name, text, shown }
  if (TRUE.has(text)) return { name, text: 'true', shown }
  if (FALSE.has(text)) return { name, text: 'false', shown }
  throw new UsageError(`invalid argument ${JSON.stringify(text)} for "${shown}" flag: it takes true or false`)
}
