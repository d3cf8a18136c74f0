/**
 * A document held against the Compose Specification's schema: walks both together and says what is wrong about the node that is wrong.
 * Understands the part of JSON Schema that this schema uses; test/model/schema.test.ts holds its verdicts to ajv's.
 */
import type { Finding } from '../findings.ts'
import { sprint } from '../go-format.ts'
import { didYouMean } from '../nearest.ts'
import type { ListNode, MapNode, Node } from '../tree/node.ts'
import { toPlain } from '../tree/plain.ts'
import type { Schema } from './schema-of.ts'

export interface Fault extends Finding {
  /** How far down the document it lies: the deeper, the nearer to what the user meant. */
  readonly depth: number
  /** Types that would have been right, where the type is wrong. */
  readonly wanted?: readonly string[]
}

/** The way from the root, last step first. */
interface Place {
  readonly parent: Place | undefined
  readonly key: string | number
  readonly depth: number
}

const NONE: readonly Fault[] = []

export const faultsOf = (root: Node, schema: Schema): readonly Fault[] => check(root, schema, undefined)

function check(node: Node, schema: Schema, place: Place | undefined): readonly Fault[] {
  const { types } = schema
  if (types && !types.some((type) => isOfType(node, type))) return [typeFault(node, types, place)]
  const faults = checkByKind(node, schema, place)
  if (!schema.choices) return faults
  const chosen = checkChoices(node, schema.choices, place)
  return chosen.length === 0 ? faults : [...faults, ...chosen]
}

function checkByKind(node: Node, schema: Schema, place: Place | undefined): readonly Fault[] {
  switch (node.kind) {
    case 'map':
      return checkMap(node, schema, place)
    case 'list':
      return checkList(node, schema, place)
    case 'scalar':
      return checkValue(node, schema, place)
  }
}

const depthOf = (place: Place | undefined): number => place?.depth ?? 0

const step = (parent: Place | undefined, key: string | number): Place => ({ parent, key, depth: depthOf(parent) + 1 })

function nameOf(place: Place | undefined): string {
  const keys: (string | number)[] = []
  for (let at = place; at; at = at.parent) keys.unshift(at.key)
  return keys.join('.')
}

const WORDS: Readonly<Record<string, string>> = {
  object: 'a mapping',
  array: 'a list',
  string: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  null: 'nothing',
}

function typeFault(node: Node, wanted: readonly string[], place: Place | undefined): Fault {
  const words = [...new Set(wanted)].filter((one) => one !== 'null').map((one) => WORDS[one] ?? one)
  const accepted = words.length > 1 ? `${words.slice(0, -1).join(', ')} or ${words.at(-1)}` : (words[0] ?? '')
  const message = `"${nameOf(place)}" must be ${accepted}, not ${describe(node)}`
  return { code: 'wrong-type', message, hint: typeHint(node, wanted), at: node.at, depth: depthOf(place), wanted }
}

function typeHint(node: Node, wanted: readonly string[]): string | undefined {
  if (node.kind !== 'scalar' || node.value === null) return undefined
  if (wanted.includes('string')) return `write it in quotes: "${sprint(node)}"`
  return wanted.includes('array') && typeof node.value === 'string' ? 'write a dash before it: - ...' : undefined
}

function describe(node: Node): string {
  if (node.kind === 'map') return 'a mapping'
  if (node.kind === 'list') return 'a list'
  if (node.value === null) return 'empty'
  if (typeof node.value === 'string') return `the text "${shorten(node.value)}"`
  return typeof node.value === 'boolean' ? `${node.value}` : `the number ${sprint(node)}`
}

const shorten = (text: string): string => (text.length > 40 ? `${text.slice(0, 37)}...` : text)

function isOfType(node: Node, type: string): boolean {
  if (type === 'object') return node.kind === 'map'
  if (type === 'array') return node.kind === 'list'
  if (node.kind !== 'scalar') return false
  const { value } = node
  if (type === 'null') return value === null
  if (type === 'integer') return typeof value === 'bigint' || Number.isInteger(value)
  if (type === 'number') return typeof value === 'bigint' || typeof value === 'number'
  return typeof value === type
}

/** Of several forms, complain about the one the user was most likely writing. */
function checkChoices(node: Node, choices: readonly Schema[], place: Place | undefined): readonly Fault[] {
  const outcomes: (readonly Fault[])[] = []
  for (const choice of choices) {
    const faults = check(node, choice, place)
    if (faults.length === 0) return NONE
    outcomes.push(faults)
  }
  const own = outcomes.filter((faults) => !faults.some((fault) => fault.wanted && fault.depth === depthOf(place)))
  const [best] = own.sort((a, b) => deepest(b) - deepest(a))
  if (best) return best
  const wanted = outcomes.flatMap((faults) => faults.flatMap((fault) => fault.wanted ?? []))
  return [typeFault(node, wanted, place)]
}

const deepest = (faults: readonly Fault[]): number => Math.max(...faults.map((fault) => fault.depth))

function checkValue(node: Node & { kind: 'scalar' }, schema: Schema, place: Place | undefined): readonly Fault[] {
  const { value } = node
  const fault = (message: string, hint?: string): readonly Fault[] => [
    { code: 'bad-value', message: `"${nameOf(place)}" ${message}`, hint, at: node.at, depth: depthOf(place) },
  ]
  if (schema.values && !schema.values.includes(value)) {
    const hint = typeof value === 'string' ? didYouMean(value, schema.values.map(String)) : undefined
    return fault(`must be one of ${schema.values.join(', ')}, not ${describe(node)}`, hint)
  }
  if (schema.pattern && typeof value === 'string' && !schema.pattern.test(value)) {
    return fault(`can't be "${shorten(value)}"`, `it must match ${schema.pattern.source}`)
  }
  if (typeof value !== 'number' && typeof value !== 'bigint') return NONE
  if (schema.minimum !== undefined && value < schema.minimum) return fault(`must be at least ${schema.minimum}`)
  if (schema.maximum !== undefined && value > schema.maximum) return fault(`must be at most ${schema.maximum}`)
  return NONE
}

function checkMap(node: MapNode, schema: Schema, place: Place | undefined): readonly Fault[] {
  const faults: Fault[] = []
  for (const key of schema.required) {
    if (node.entries.has(key)) continue
    const message = `"${nameOf(place)}" lacks the key "${key}"`
    faults.push({ code: 'missing-key', message, hint: `add "${key}:"`, at: node.at, depth: depthOf(place) })
  }
  for (const [key, { key: at, value }] of node.entries) {
    const inner = schema.schemasOf(key)
    if (inner.length === 0 && schema.closed) faults.push(unknownKey(key, at ?? value.at, { schema, place }))
    for (const one of inner) faults.push(...check(value, one, step(place, key)))
  }
  return faults
}

interface Where {
  readonly schema: Schema
  readonly place: Place | undefined
}

function unknownKey(key: string, at: Finding['at'], { schema, place }: Where): Fault {
  const name = nameOf(place)
  const where = name === '' ? '' : ` in "${name}"`
  const depth = depthOf(place) + 1
  const shown = JSON.stringify(key)
  if (schema.names.length === 0) {
    const hint = 'use letters, digits, dots, dashes and underscores'
    return { code: 'bad-name', message: `${shown} can't be a name${where}`, hint, at, depth }
  }
  const hint = didYouMean(key, schema.names) ?? 'a key of your own starts with "x-"'
  return { code: 'unknown-key', message: `unknown key ${shown}${where}`, hint, at, depth }
}

function checkList(node: ListNode, schema: Schema, place: Place | undefined): readonly Fault[] {
  const faults: Fault[] = []
  if (schema.items)
    for (const [index, item] of node.items.entries()) faults.push(...check(item, schema.items, step(place, index)))
  return schema.unique ? [...faults, ...repeated(node, place)] : faults
}

function repeated({ items }: ListNode, place: Place | undefined): readonly Fault[] {
  const seen = new Set<string>()
  const faults: Fault[] = []
  for (const item of items) {
    const key = JSON.stringify(toPlain(item), (_name, value) => (typeof value === 'bigint' ? String(value) : value))
    if (seen.has(key)) {
      const shown = item.kind === 'scalar' ? `"${sprint(item)}"` : 'the same entry'
      const message = `${shown} stands twice in "${nameOf(place)}"`
      faults.push({
        code: 'repeated-entry',
        message,
        hint: 'keep one of the two',
        at: item.at,
        depth: depthOf(place) + 1,
      })
    }
    seen.add(key)
  }
  return faults
}
