/** Which command the user means, and the words that are its own. Global flags may stand before it; they are handed on by their full names. */

import { didYouMean } from '../model/nearest.ts'
import { readArgv, UsageError } from './argv.ts'
import { globalFlags } from './global-flags.ts'

export type Invocation =
  | { readonly kind: 'command'; readonly id: string; readonly words: readonly string[] }
  | { readonly kind: 'help' }

/** Docker's `-v` and `--version`, before the command only: `down -v` is something else. */
const rootFlags = { ...globalFlags, version: { type: 'boolean', char: 'v' } } as const

export function findInvocation(words: readonly string[], ids: readonly string[]): Invocation {
  const { given, operands } = readArgv(words, { flags: [rootFlags], interspersed: false })
  if (given.some((flag) => flag.name === 'version')) return { kind: 'command', id: 'version', words: [] }
  const wantsHelp = given.some((flag) => flag.name === 'help')
  const carried = given.filter((flag) => flag.name !== 'help').map((flag) => `--${flag.name}=${flag.text}`)
  const [first, ...rest] = operands[0] === 'help' ? [...operands.slice(1), '--help'] : operands
  if (first === undefined || first === '--help') return { kind: 'help' }
  const found = findCommand([first, ...rest], ids)
  return { kind: 'command', id: found.id, words: [...carried, ...(wantsHelp ? ['--help'] : []), ...found.rest] }
}

/** A command's name is one word, or two where the first is a topic such as `image`. */
function findCommand(
  [first, ...rest]: readonly [string, ...string[]],
  ids: readonly string[],
): { readonly id: string; readonly rest: readonly string[] } {
  if (ids.includes(first)) return { id: first, rest }
  const topic = ids.filter((id) => id.startsWith(`${first}:`)).map((id) => id.slice(first.length + 1))
  if (topic.length === 0)
    throw new UsageError(`unknown command: ${JSON.stringify(first)}`, didYouMean(first, firstWords(ids)))
  const [second, ...others] = rest
  if (second !== undefined && topic.includes(second)) return { id: `${first}:${second}`, rest: others }
  throw new UsageError(
    `"tscompose ${first}" needs one of its commands: ${topic.sort().join(', ')}`,
    second && didYouMean(second, topic),
  )
}

/** Those that nobody is to type are not proposed. */
const firstWords = (ids: readonly string[]): ReadonlySet<string> =>
  new Set(ids.map((id) => id.split(':', 1)[0] as string).filter((word) => word !== 'complete'))
