/** From the words after a command to the values of its flags, by the grammar of argv.ts and the flags' own `parse`. */
import type { GivenFlag } from './argv.ts'
import { type FlagRule, readArgv, UsageError } from './argv.ts'

/** An oclif flag, as far as its value is concerned. */
interface ValuedFlag extends FlagRule {
  readonly default?: unknown
  readonly options?: readonly string[] | undefined
  readonly parse: (text: never, context: never, options: never) => Promise<unknown>
}

export type ValuedFlags = Readonly<Record<string, ValuedFlag>>

export interface FlagValues {
  readonly values: Readonly<Record<string, unknown>>
  /** The flags that were written, as opposed to defaulted. */
  readonly written: ReadonlySet<string>
  readonly operands: readonly string[]
  readonly wantsHelp: boolean
}

export interface FlagGrammar {
  /** Later records win where two use the same name or letter. */
  readonly flags: readonly ValuedFlags[]
  readonly interspersed: boolean
}

export async function readFlags(words: readonly string[], grammar: FlagGrammar): Promise<FlagValues> {
  const { given, operands } = readArgv(words, grammar)
  const rules: ValuedFlags = Object.assign({}, ...grammar.flags)
  const values = defaults(rules)
  for (const flag of given) {
    const rule = rules[flag.name]
    if (rule) values[flag.name] = await flagValue(flag, rule, values[flag.name])
  }
  const written = new Set(given.map((flag) => flag.name))
  const wantsHelp = given.some((flag) => flag.name === 'help' && !rules.help && flag.text === 'true')
  return { values, written, operands, wantsHelp }
}

function defaults(rules: ValuedFlags): Record<string, unknown> {
  const values: Record<string, unknown> = {}
  for (const [name, rule] of Object.entries(rules)) {
    if (rule.default !== undefined) values[name] = rule.multiple ? [...(rule.default as unknown[])] : rule.default
    else if (rule.type === 'boolean') values[name] = false
  }
  return values
}

async function flagValue(flag: GivenFlag, rule: ValuedFlag, before: unknown): Promise<unknown> {
  if (rule.type === 'boolean') return flag.text === 'true'
  if (rule.options && !rule.options.includes(flag.text))
    throw refused(flag, `it takes one of ${rule.options.join(', ')}`)
  try {
    const value = await rule.parse(flag.text as never, undefined as never, rule as never)
    return rule.multiple ? [...((before as unknown[] | undefined) ?? []), value] : value
  } catch (error) {
    throw refused(flag, (error as Error).message)
  }
}

function refused(flag: GivenFlag, why: string): UsageError {
  return new UsageError(`invalid argument ${JSON.stringify(flag.text)} for "${flag.shown}" flag: ${why}`)
}
