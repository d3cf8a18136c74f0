/** What is said of a node that the schema does not allow. */
import type { Finding } from '../findings.ts'
import { sprint } from '../go-format.ts'
import { didYouMean } from '../nearest.ts'
import { about, variableNotes } from '../provenance.ts'
import type { MapNode, Node, ScalarNode } from '../tree/node.ts'
import { describe, keyHint, nameHint, patternHint, shorten, typeHint } from './hints.ts'
import { pathOf, type Schema, type Walk } from './schema-walk.ts'

const WORDS: Readonly<Record<string, string>> = {
  object: 'a mapping',
  array: 'a list',
  string: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  null: 'nothing',
}

export function wrongType(node: Node, wanted: readonly string[], walk: Walk): Finding {
  const words = [...new Set(wanted)].filter((one) => one !== 'null').map((one) => WORDS[one] ?? one)
  const accepted = words.length > 1 ? `${words.slice(0, -1).join(', ')} or ${words.at(-1)}` : (words[0] ?? '')
  const message = `"${pathOf(walk)}" must be ${accepted}, not ${describe(node)}`
  return { code: 'wrong-type', message, hint: typeHint(node, wanted), ...about(node) }
}

export function notAllowed(node: ScalarNode, accepted: readonly unknown[], walk: Walk): Finding {
  const words = accepted.map(String)
  return {
    code: 'bad-value',
    message: `"${pathOf(walk)}" must be one of ${words.join(', ')}, not ${describe(node)}`,
    hint: () => didYouMean(String(node.value), words) ?? `write ${words.join(', or ')}`,
    ...about(node),
  }
}

export function unmatched(text: string, node: Node, { pattern, walk }: { pattern: string; walk: Walk }): Finding {
  const message = `"${pathOf(walk)}" can't be "${shorten(text)}"`
  return { code: 'bad-value', message, hint: patternHint(text, pattern), ...about(node) }
}

export function outOfRange(node: ScalarNode, { minimum, maximum }: Schema, walk: Walk): Finding {
  const isLow = minimum !== undefined && Number(node.value) < minimum
  return {
    code: 'bad-value',
    message: `"${pathOf(walk)}" must be ${isLow ? `at least ${minimum}` : `at most ${maximum}`}`,
    hint: isLow ? `write ${minimum} or more` : `write ${maximum} or less`,
    ...about(node),
  }
}

export const missingKey = (key: string, node: MapNode, walk: Walk): Finding => ({
  code: 'missing-key',
  message: `"${pathOf(walk)}" lacks the key "${key}"`,
  hint: `add "${key}:"`,
  at: node.at,
})

export function unknownKey(
  key: string,
  at: Finding['at'],
  { schema: { properties }, value, walk }: { schema: Schema; value: Node; walk: Walk },
): Finding {
  const where = walk.up === undefined ? '' : ` in "${pathOf(walk)}"`
  const shown = JSON.stringify(key)
  if (!properties) return { code: 'bad-name', message: `${shown} can't be a name${where}`, hint: nameHint(key), at }
  const hint = (): string => keyHint(key, value, { properties, walk })
  return { code: 'unknown-key', message: `unknown key ${shown}${where}`, hint, at }
}

export const repeatedEntry = (item: ScalarNode, first: Node, walk: Walk): Finding => ({
  code: 'repeated-entry',
  message: `"${sprint(item)}" stands twice in "${pathOf(walk)}"`,
  hint: 'keep one of the two',
  at: item.at,
  notes: [{ message: 'it is here already', at: first.at }, ...variableNotes(item)],
})
