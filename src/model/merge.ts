/**
 * One document laid over another: mappings deeply, lists appended, and the special cases of a table keyed by path.
 * https://github.com/compose-spec/compose-spec/blob/main/13-merge.md
 */
import { grow } from './extent.ts'
import { type Findings, report } from './findings.ts'
import { sprint } from './go-format.ts'
import type { Path } from './project.ts'
import { variableNotes } from './provenance.ts'
import { cameIn, laidOver, piece, remade } from './tree/history.ts'
import {
  child,
  type Entry,
  emptyMap,
  inherit,
  isNull,
  type ListNode,
  list,
  type MapNode,
  map,
  mapOf,
  type Node,
  scalar,
} from './tree/node.ts'
import { toPlain } from './tree/plain.ts'
import { below, compileRules, type Rules } from './tree/rules.ts'

type Rule = (base: Node, over: Node, context: Context) => Node

interface Context {
  readonly rules: Rules<Rule> | undefined
  readonly path: Path
  readonly findings: Findings
}

/** `over` laid on `base`. */
export const mergeDocuments = (base: MapNode, over: MapNode, findings: Findings): MapNode =>
  mergeMaps(base, over, { rules: MERGES, path: [], findings })

/** One element laid over another of the same name: `services.web`. */
export function mergeAt(base: Node, over: Node, path: Path, findings: Findings): Node {
  let rules: Rules<Rule> | undefined = MERGES
  for (const key of path) rules = below(rules, String(key))
  return merge(base, over, { rules, path, findings })
}

function merge(base: Node, over: Node, context: Context): Node {
  const rule = context.rules?.rule
  if (rule) return rule(base, over, context)
  if (isNull(over)) return base
  if (base.kind === 'map') return over.kind === 'map' ? mergeMaps(base, over, context) : mismatch(base, over, context)
  if (base.kind === 'list') return over.kind === 'list' ? append(base, over) : mismatch(base, over, context)
  return laidOver(over, base)
}

function mergeMaps(base: MapNode, over: MapNode, { rules, path, findings }: Context): MapNode {
  const entries = new Map(base.entries)
  for (const [key, entry] of over.entries) {
    const existing = entries.get(key)
    const value = existing
      ? merge(existing.value, entry.value, { rules: below(rules, key), path: [...path, key], findings })
      : entry.value
    entries.set(key, value === existing?.value ? existing : { key: entry.key, value })
  }
  return withBoth(map(entries, over.at ?? base.at), base, over)
}

const append = (base: ListNode, over: ListNode): ListNode =>
  withBoth(list([...base.items, ...over.items], over.at), base, over)

/** What two values were merged to came in on the ways of both. */
function withBoth<Merged extends Node>(merged: Merged, base: Node, over: Node): Merged {
  const whole = inherit(inherit(merged, base), over)
  return base.via && over.via ? cameIn(whole, [...over.via, ...base.via]) : whole
}

const KINDS = { map: 'a mapping', list: 'a list', scalar: 'a single value' } as const

function mismatch(base: Node, over: Node, { path, findings }: Context): Node {
  const message = `"${path.join('.')}" is ${KINDS[over.kind]} here, but ${KINDS[base.kind]} in what it overrides`
  report(findings, {
    code: 'merge-mismatch',
    message,
    hint: `write it as ${KINDS[base.kind]}, or replace it whole with !override`,
    at: over.at,
    notes: [{ message: `what it overrides is ${KINDS[base.kind]}`, at: base.at }, ...variableNotes(over)],
  })
  return base
}

const replace: Rule = (base, over) => laidOver(over, base)

/** Both as lists of `KEY=value`, one after the other; unique.ts lets the later one win. */
const mergeAsList: Rule = (base, over, context) =>
  withBoth(list([...asItems(base, context), ...asItems(over, context)], over.at ?? base.at), base, over)

const mergeAsMap =
  (fallback: (item: Node) => Node): Rule =>
  (base, over, context) =>
    mergeMaps(asMap(base, fallback, context), asMap(over, fallback, context), context)

const nothing = (item?: Node): Node => (item ? piece(item, null) : scalar(null))
const started = (): Node => mapOf({ condition: scalar('service_started'), required: scalar(true) })

/** The hosts of both; one that is there already is not said twice. */
const mergeHosts: Rule = (base, over, context) => {
  const items = [...asItems(base, context)]
  const known = new Set(items.map((item) => JSON.stringify(toPlain(item))))
  for (const item of asItems(over, context)) if (!known.has(JSON.stringify(toPlain(item)))) items.push(item)
  return withBoth(list(items, over.at ?? base.at), base, over)
}

/** The options of one logging driver mean nothing to another. */
const mergeLogging: Rule = (base, over, context) => {
  if (isNull(base) || isNull(over)) return laidOver(over, base)
  if (base.kind !== 'map' || over.kind !== 'map') return mismatch(base, over, context)
  const [driver, other] = [child(base, 'driver'), child(over, 'driver')]
  const same = !driver || !other || JSON.stringify(toPlain(driver)) === JSON.stringify(toPlain(other))
  return same ? mergeMaps(base, over, context) : laidOver(over, base)
}

const mergeBuild: Rule = (base, over, context) => mergeMaps(asBuild(base), asBuild(over), context)

const asBuild = (node: Node): MapNode => {
  if (node.kind === 'map') return node
  return node.kind === 'scalar' && typeof node.value === 'string'
    ? mapOf({ context: node }, node.at)
    : emptyMap(node.at)
}

/** Pools by subnet: those of the same subnet become one. */
const mergePools: Rule = (base, over, context) => {
  if (base.kind !== 'list' || over.kind !== 'list') return mismatch(base, over, context)
  // Each pool is held against each.
  grow(context.findings, { values: base.items.length * over.items.length }, over.at)
  const pools = new Map<string, MapNode>()
  const others = over.items.map((item) => asMap(item, nothing, context)).map((pool) => ({ pool, key: subnet(pool) }))
  for (const original of base.items) {
    let pool = asMap(original, nothing, context)
    let key = subnet(pool)
    for (const other of others) {
      if (other.key === key || pools.has(other.key)) {
        pool = mergeMaps(pool, other.pool, context)
        key = subnet(pool)
        pools.set(key, pool)
      } else pools.set(other.key, other.pool)
    }
  }
  return list([...pools.values()], over.at)
}

const subnet = (pool: MapNode): string => JSON.stringify(toPlain(child(pool, 'subnet') ?? scalar(null)))

function asMap(node: Node, fallback: (item: Node) => Node, { findings }: Context): MapNode {
  if (node.kind === 'map') return node
  if (node.kind === 'scalar') return emptyMap(node.at)
  const entries = new Map<string, Entry>()
  for (const item of node.items)
    if (item.kind === 'scalar') entries.set(sprint(item), { key: item.at, value: fallback(item) })
    else refuse(item, findings)
  return inherit(map(entries, node.at), node)
}

/** What is no text here must be refused now: as text nobody could tell any more. */
const refuse = (item: Node, findings: Findings): void =>
  report(findings, {
    code: 'wrong-type',
    message: `${KINDS[item.kind]} stands where text is meant`,
    hint: 'write a single value, in quotes where it has colons or braces',
    at: item.at,
  })

function asItems(node: Node, { findings }: Context): readonly Node[] {
  if (node.kind === 'list') return node.items
  if (node.kind === 'scalar') return typeof node.value === 'string' ? [node] : []
  const items = [...node.entries].flatMap(([key, { value, key: at }]) => {
    if (isNull(value)) return [scalar(key, at)]
    const values = value.kind === 'list' ? value.items : [value]
    return values.map((one) => {
      if (one.kind !== 'scalar') refuse(one, findings)
      const pair = `${key}=${one.kind === 'scalar' ? sprint(one) : ''}`
      return { ...remade(one, pair), at }
    })
  })
  return items.sort((a, b) => compare(String(a.value), String(b.value)))
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** The places where merging is not just mappings deep and lists appended. */
const MERGES: Rules<Rule> = compileRules<Rule>([
  ['networks.*.ipam.config', mergePools],
  ['networks.*.labels', mergeAsList],
  ['volumes.*.labels', mergeAsList],
  ['services.*.annotations', mergeAsList],
  ['services.*.build', mergeBuild],
  ['services.*.build.args', mergeAsList],
  ['services.*.build.additional_contexts', mergeAsList],
  ['services.*.build.extra_hosts', mergeHosts],
  ['services.*.build.labels', mergeAsList],
  ['services.*.command', replace],
  ['services.*.depends_on', mergeAsMap(started)],
  ['services.*.deploy.labels', mergeAsList],
  ['services.*.dns', mergeAsList],
  ['services.*.dns_opt', mergeAsList],
  ['services.*.dns_search', mergeAsList],
  ['services.*.entrypoint', replace],
  ['services.*.env_file', mergeAsList],
  ['services.*.label_file', mergeAsList],
  ['services.*.environment', mergeAsList],
  ['services.*.extra_hosts', mergeHosts],
  ['services.*.healthcheck.test', replace],
  ['services.*.labels', mergeAsList],
  ['services.*.volumes.*.volume.labels', mergeAsList],
  ['services.*.logging', mergeLogging],
  ['services.*.models', mergeAsMap(nothing)],
  ['services.*.networks', mergeAsMap(nothing)],
  ['services.*.sysctls', mergeAsList],
  ['services.*.tmpfs', mergeAsList],
  ['services.*.ulimits.*', replace],
])
