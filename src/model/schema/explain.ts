/**
 * What is wrong with a document the validator has refused, said about the node that is wrong: walks schema and document together.
 * Understands the part of JSON Schema that the Compose Specification's schema uses.
 */
import { type Finding, type Findings, report } from '../findings.ts'
import { sprint } from '../go-format.ts'
import { didYouMean } from '../nearest.ts'
import type { MapNode, Node } from '../tree/node.ts'
import { toPlain } from '../tree/plain.ts'
import { SCHEMA } from './schema.js'

interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly properties?: Readonly<Record<string, Schema>>
  readonly patternProperties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: boolean | Schema
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly uniqueItems?: boolean
  readonly minItems?: number
  readonly oneOf?: readonly Schema[]
  readonly anyOf?: readonly Schema[]
}

interface Fault extends Finding {
  /** How far down the document it lies: the deeper, the nearer to what the user meant. */
  readonly depth: number
  /** Types that would have been right, where the type is wrong. */
  readonly wanted?: readonly string[]
}

interface Walk {
  readonly definitions: Readonly<Record<string, Schema>>
  readonly path: readonly string[]
}

export function explain(root: Node, findings: Findings): void {
  const schema = JSON.parse(SCHEMA) as Schema & { $defs: Record<string, Schema> }
  for (const { code, message, hint, at } of check(root, schema, { definitions: schema.$defs, path: [] }))
    report(findings, { code, message, hint, at })
}

function check(node: Node, schema: Schema, walk: Walk): readonly Fault[] {
  if (schema.$ref !== undefined) return check(node, walk.definitions[schema.$ref.replace('#/$defs/', '')] ?? {}, walk)
  const wrongType = checkType(node, schema, walk)
  if (wrongType) return [wrongType]
  return [
    ...checkChoice(node, schema, walk),
    ...checkValue(node, schema, walk),
    ...(node.kind === 'map' ? checkMap(node, schema, walk) : []),
    ...(node.kind === 'list' ? checkList(node.items, schema, { node, walk }) : []),
  ]
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

function checkType(node: Node, { type }: Schema, walk: Walk): Fault | undefined {
  if (type === undefined) return undefined
  const wanted = typeof type === 'string' ? [type] : type
  return wanted.some((one) => isOfType(node, one)) ? undefined : typeFault(node, wanted, walk)
}

function typeFault(node: Node, wanted: readonly string[], { path }: Walk): Fault {
  const words = [...new Set(wanted)].filter((one) => one !== 'null').map((one) => WORDS[one] ?? one)
  const accepted = words.length > 1 ? `${words.slice(0, -1).join(', ')} or ${words.at(-1)}` : (words[0] ?? '')
  const message = `"${path.join('.')}" must be ${accepted}, not ${describe(node)}`
  return { code: 'wrong-type', message, hint: typeHint(node, wanted), at: node.at, depth: path.length, wanted }
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
function checkChoice(node: Node, { oneOf, anyOf }: Schema, walk: Walk): readonly Fault[] {
  const choices = oneOf ?? anyOf
  if (!choices) return []
  const outcomes = choices.map((choice) => check(node, choice, walk))
  if (outcomes.some((faults) => faults.length === 0)) return []
  const own = outcomes.filter((faults) => !faults.some((fault) => fault.wanted && fault.depth === walk.path.length))
  const [best] = own.sort((a, b) => deepest(b) - deepest(a))
  if (best) return best
  return [
    typeFault(
      node,
      outcomes.flatMap((faults) => faults.flatMap((fault) => fault.wanted ?? [])),
      walk,
    ),
  ]
}

const deepest = (faults: readonly Fault[]): number => Math.max(...faults.map((fault) => fault.depth))

function checkValue(node: Node, schema: Schema, { path }: Walk): readonly Fault[] {
  if (node.kind !== 'scalar') return []
  const at = { at: node.at, depth: path.length }
  const name = `"${path.join('.')}"`
  const { value } = node
  if (schema.enum && !schema.enum.includes(value)) {
    const hint = typeof value === 'string' ? didYouMean(value, schema.enum.map(String)) : undefined
    return [
      {
        code: 'bad-value',
        message: `${name} must be one of ${schema.enum.join(', ')}, not ${describe(node)}`,
        hint,
        ...at,
      },
    ]
  }
  if (schema.pattern !== undefined && typeof value === 'string' && !new RegExp(schema.pattern).test(value)) {
    return [
      {
        code: 'bad-value',
        message: `${name} can't be "${shorten(value)}"`,
        hint: `it must match ${schema.pattern}`,
        ...at,
      },
    ]
  }
  if (schema.minimum !== undefined && Number(value) < schema.minimum)
    return [{ code: 'bad-value', message: `${name} must be at least ${schema.minimum}`, ...at }]
  if (schema.maximum !== undefined && Number(value) > schema.maximum)
    return [{ code: 'bad-value', message: `${name} must be at most ${schema.maximum}`, ...at }]
  return []
}

function checkMap(node: MapNode, schema: Schema, walk: Walk): readonly Fault[] {
  const { path } = walk
  const missing = (schema.required ?? []).filter((key) => !node.entries.has(key))
  const faults = missing.map(
    (key): Fault => ({
      code: 'missing-key',
      message: `"${path.join('.')}" lacks the key "${key}"`,
      hint: `add "${key}:"`,
      at: node.at,
      depth: path.length,
    }),
  )
  for (const [key, { key: at, value }] of node.entries) {
    const inner = schemasOf(key, schema)
    if (inner.length === 0 && schema.additionalProperties === false)
      faults.push(unknownKey(key, at ?? value.at, { schema, path }))
    for (const one of inner) faults.push(...check(value, one, { ...walk, path: [...path, key] }))
  }
  return faults
}

function schemasOf(key: string, { properties, patternProperties, additionalProperties }: Schema): readonly Schema[] {
  const own = properties && Object.hasOwn(properties, key) ? properties[key] : undefined
  const matching = Object.entries(patternProperties ?? {}).flatMap(([pattern, schema]) =>
    new RegExp(pattern).test(key) ? [schema] : [],
  )
  if (own) return [own, ...matching]
  if (matching.length > 0) return matching
  return typeof additionalProperties === 'object' ? [additionalProperties] : []
}

function unknownKey(
  key: string,
  at: Finding['at'],
  { schema, path }: { schema: Schema; path: readonly string[] },
): Fault {
  const where = path.length === 0 ? '' : ` in "${path.join('.')}"`
  const depth = path.length + 1
  if (!schema.properties) {
    const shown = JSON.stringify(key)
    return {
      code: 'bad-name',
      message: `${shown} can't be a name${where}`,
      hint: 'use letters, digits, dots, dashes and underscores',
      at,
      depth,
    }
  }
  const hint = didYouMean(key, Object.keys(schema.properties)) ?? 'a key of your own starts with "x-"'
  return { code: 'unknown-key', message: `unknown key ${JSON.stringify(key)}${where}`, hint, at, depth }
}

function checkList(
  items: readonly Node[],
  schema: Schema,
  { node, walk }: { node: Node; walk: Walk },
): readonly Fault[] {
  const { path } = walk
  const inner = schema.items ?? {}
  const faults = items.flatMap((item, index) => check(item, inner, { ...walk, path: [...path, String(index)] }))
  if (schema.minItems !== undefined && items.length < schema.minItems) {
    faults.push({
      code: 'bad-value',
      message: `"${path.join('.')}" needs at least ${schema.minItems} entries`,
      at: node.at,
      depth: path.length,
    })
  }
  return schema.uniqueItems ? [...faults, ...repeated(items, path)] : faults
}

function repeated(items: readonly Node[], path: readonly string[]): readonly Fault[] {
  const seen = new Set<string>()
  return items.flatMap((item) => {
    const key = JSON.stringify(toPlain(item), (_name, value) => (typeof value === 'bigint' ? String(value) : value))
    if (!seen.has(key)) {
      seen.add(key)
      return []
    }
    const shown = item.kind === 'scalar' ? `"${sprint(item)}"` : 'the same entry'
    return [
      {
        code: 'repeated-entry',
        message: `${shown} stands twice in "${path.join('.')}"`,
        hint: 'keep one of the two',
        at: item.at,
        depth: path.length + 1,
      },
    ]
  })
}
