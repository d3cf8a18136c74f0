/**
 * What is wrong with a document the validator has refused, said about the node that is wrong: walks schema and document together.
 * Understands the part of JSON Schema that the Compose Specification's schema uses.
 */
import { type Finding, type Findings, report } from '../findings.ts'
import { sprint } from '../go-format.ts'
import { didYouMean } from '../nearest.ts'
import { about, variableNotes } from '../provenance.ts'
import type { MapNode, Node, ScalarNode } from '../tree/node.ts'
import { toPlain } from '../tree/plain.ts'
import { describe, keyHint, nameHint, patternHint, shorten, typeHint } from './hints.ts'
import { SCHEMA } from './schema.js'
import { resolveSchema, type Schema, type Walk } from './schema-walk.ts'

interface Fault extends Finding {
  /** How far down the document it lies: the deeper, the nearer to what the user meant. */
  readonly depth: number
  /** Types that would have been right, where the type is wrong. */
  readonly wanted?: readonly string[]
}

export function explain(root: Node, findings: Findings): void {
  const schema = JSON.parse(SCHEMA) as Schema & { $defs: Record<string, Schema> }
  for (const { code, message, hint, at, notes } of check(root, schema, { definitions: schema.$defs, path: [] }))
    report(findings, { code, message, hint, at, notes })
}

function check(node: Node, schema: Schema, walk: Walk): readonly Fault[] {
  if (schema.$ref !== undefined) return check(node, resolveSchema(schema, walk), walk)
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
  return { code: 'wrong-type', message, hint: typeHint(node, wanted), ...about(node), depth: path.length, wanted }
}

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
  const problem = valueProblem(node, schema, `"${path.join('.')}"`)
  return problem ? [{ code: 'bad-value', ...problem, ...about(node), depth: path.length }] : []
}

function valueProblem(
  node: ScalarNode,
  { enum: accepted, pattern, minimum, maximum }: Schema,
  name: string,
): Pick<Fault, 'message' | 'hint'> | undefined {
  const { value } = node
  if (accepted && !accepted.includes(value)) {
    const words = accepted.map(String)
    return {
      message: `${name} must be one of ${words.join(', ')}, not ${describe(node)}`,
      hint: () => didYouMean(String(value), words) ?? `write ${words.join(', or ')}`,
    }
  }
  if (pattern !== undefined && typeof value === 'string' && !new RegExp(pattern).test(value))
    return { message: `${name} can't be "${shorten(value)}"`, hint: patternHint(value, pattern) }
  if (minimum !== undefined && Number(value) < minimum)
    return { message: `${name} must be at least ${minimum}`, hint: `write ${minimum} or more` }
  if (maximum !== undefined && Number(value) > maximum)
    return { message: `${name} must be at most ${maximum}`, hint: `write ${maximum} or less` }
  return undefined
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
      faults.push(unknownKey(key, at ?? value.at, { schema, value, walk }))
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
  { schema, value, walk }: { schema: Schema; value: Node; walk: Walk },
): Fault {
  const { path } = walk
  const where = path.length === 0 ? '' : ` in "${path.join('.')}"`
  const place = { at, depth: path.length + 1 }
  const shown = JSON.stringify(key)
  const { properties } = schema
  if (!properties) {
    const hint = nameHint(key)
    return { code: 'bad-name', message: `${shown} can't be a name${where}`, hint, ...place }
  }
  return {
    code: 'unknown-key',
    message: `unknown key ${shown}${where}`,
    hint: () => keyHint(key, value, { properties, walk }),
    ...place,
  }
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
      hint: 'add one, or remove the key',
      at: node.at,
      depth: path.length,
    })
  }
  return schema.uniqueItems ? [...faults, ...repeated(items, path)] : faults
}

function repeated(items: readonly Node[], path: readonly string[]): readonly Fault[] {
  const seen = new Map<string, Node>()
  return items.flatMap((item): readonly Fault[] => {
    const key = JSON.stringify(toPlain(item), (_name, value) => (typeof value === 'bigint' ? String(value) : value))
    const first = seen.get(key)
    if (!first) {
      seen.set(key, item)
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
        notes: [{ message: 'it is here already', at: first.at }, ...variableNotes(item)],
      },
    ]
  })
}
