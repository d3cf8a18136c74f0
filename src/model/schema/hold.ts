/**
 * Holds a document against the schema: walks both together, and says what is wrong about the node that is wrong. Understands the part
 * of JSON Schema (2020-12) that the Compose Specification's schema uses.
 */
import { type Findings, report } from '../findings.ts'
import type { MapNode, Node, ScalarNode } from '../tree/node.ts'
import { missingKey, notAllowed, outOfRange, repeatedEntry, unknownKey, unmatched, wrongType } from './faults.ts'
import { SCHEMA } from './schema.js'
import { type Definitions, resolveSchema, type Schema, step, typesOf, type Walk } from './schema-walk.ts'

/** Reports whatever the schema does not allow. */
export function hold(root: Node, findings: Findings): void {
  whole ??= JSON.parse(SCHEMA) as Whole
  check(root, whole, { definitions: whole.$defs, findings })
}

type Whole = Schema & { readonly $defs: Definitions }
let whole: Whole | undefined

function check(node: Node, given: Schema, walk: Walk): void {
  const schema = resolveSchema(given, walk.definitions)
  const types = typesOf(schema)
  if (types && !isOfTypes(node, types)) {
    report(walk.findings, () => wrongType(node, types, walk))
    return
  }
  if (schema.oneOf) checkForm(node, schema.oneOf, walk)
  if (node.kind === 'scalar') checkScalar(node, schema, walk)
  else if (node.kind === 'map') checkMap(node, schema, walk)
  else checkList(node.items, schema, walk)
}

const isOfTypes = (node: Node, types: readonly string[]): boolean => types.some((type) => isOfType(node, type))

function isOfType(node: Node, type: string): boolean {
  if (type === 'object') return node.kind === 'map'
  if (type === 'array') return node.kind === 'list'
  if (node.kind !== 'scalar') return false
  const { value } = node
  if (type === 'null') return value === null
  if (type === 'integer') return typeof value === 'bigint' || Number.isInteger(value)
  if (type === 'number') return typeof value === 'bigint' || Number.isFinite(value)
  return typeof value === type
}

/** The node's type tells which of the forms it is in. */
function checkForm(node: Node, forms: readonly Schema[], walk: Walk): void {
  const accepted = (form: Schema): readonly string[] => typesOf(resolveSchema(form, walk.definitions)) ?? []
  const meant = forms.find((form) => isOfTypes(node, accepted(form)))
  if (meant) check(node, meant, walk)
  else report(walk.findings, () => wrongType(node, forms.flatMap(accepted), walk))
}

function checkScalar(node: ScalarNode, schema: Schema, walk: Walk): void {
  const { value } = node
  const { enum: accepted, pattern, minimum, maximum } = schema
  if (accepted && !accepted.includes(value)) report(walk.findings, () => notAllowed(node, accepted, walk))
  else if (pattern !== undefined && typeof value === 'string' && !matches(value, pattern))
    report(walk.findings, () => unmatched(value, node, { pattern, walk }))
  else if (isBeyond(value, minimum, maximum)) report(walk.findings, () => outOfRange(node, schema, walk))
}

const isBeyond = (value: ScalarNode['value'], minimum = -Infinity, maximum = Infinity): boolean =>
  (typeof value === 'number' || typeof value === 'bigint') && (value < minimum || value > maximum)

/** `forEach` as wherever whole documents are walked: tree/node.ts. */
function checkMap(node: MapNode, schema: Schema, walk: Walk): void {
  for (const key of schema.required ?? [])
    if (!node.entries.has(key)) report(walk.findings, () => missingKey(key, node, walk))
  node.entries.forEach(({ key: at, value }, key) => {
    if (checkNamed(key, value, { schema, walk }) || schema.additionalProperties !== false) return
    report(walk.findings, () => unknownKey(key, at ?? value.at, { schema, value, walk }))
  })
}

/** Tells whether the schema says anything of such a key. */
function checkNamed(key: string, value: Node, { schema, walk }: { schema: Schema; walk: Walk }): boolean {
  const { properties, patternProperties, additionalProperties } = schema
  const own = properties && Object.hasOwn(properties, key) ? properties[key] : undefined
  let isKnown = own !== undefined
  if (own) check(value, own, step(walk, key))
  for (const pattern in patternProperties) {
    const matching = patternProperties[pattern]
    if (matching === undefined || !matches(key, pattern)) continue
    isKnown = true
    check(value, matching, step(walk, key))
  }
  if (isKnown || typeof additionalProperties !== 'object') return isKnown
  check(value, additionalProperties, step(walk, key))
  return true
}

function checkList(items: readonly Node[], { items: each, uniqueItems }: Schema, walk: Walk): void {
  if (each) items.forEach((item, index) => void check(item, each, step(walk, index)))
  if (uniqueItems) checkUnique(items, walk)
}

/** Only scalars: unique.ts has left each mapping once. */
function checkUnique(items: readonly Node[], walk: Walk): void {
  const seen = new Map<ScalarNode['value'], Node>()
  for (const item of items) {
    if (item.kind !== 'scalar') continue
    const first = seen.get(item.value)
    if (first) report(walk.findings, () => repeatedEntry(item, first, walk))
    else seen.set(item.value, item)
  }
}

const patterns = new Map<string, RegExp>()

function matches(text: string, pattern: string): boolean {
  const known = patterns.get(pattern)
  if (known) return known.test(text)
  const made = new RegExp(pattern, 'u')
  patterns.set(pattern, made)
  return made.test(text)
}
