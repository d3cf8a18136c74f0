/**
 * A YAML document as immutable nodes that remember where they were written. Every phase of loading maps nodes to nodes; a node may
 * be shared by several parents (YAML aliases), so nothing here is ever changed in place.
 */
import type { Origin } from './source.ts'
import type { UsedVariable } from './used-variable.ts'

export type { Origin } from './source.ts'

export type Scalar = string | number | bigint | boolean | null

/** How a value came to be here. Most nodes have nothing of it: it is only there where something happened. */
interface History {
  /** The value it replaced: of a file below, of an extended service, of an included project. */
  readonly over?: Node
  /** The ways on which parts of a service, a network and so on came in. */
  readonly via?: readonly Passage[]
}

/** An element of another service or another project, laid under this one. */
export interface Passage {
  readonly kind: 'extends' | 'include'
  /** The service that is extended. */
  readonly service?: string
  /** Where the user asked for it. */
  readonly at: Origin | undefined
  /** The element as it was there. */
  readonly from: Node
}

export interface ScalarNode extends History {
  readonly kind: 'scalar'
  readonly at: Origin | undefined
  readonly value: Scalar
  /** What the value alone can't say: Go keeps `1.0` apart from `1`, and an unquoted date apart from text. */
  readonly type?: 'float' | 'timestamp'
  /** The variables that went into it. */
  readonly used?: readonly UsedVariable[]
}

export interface ListNode extends History {
  readonly kind: 'list'
  readonly at: Origin | undefined
  readonly items: readonly Node[]
}

export interface Entry {
  /** The key's own origin; undefined where a default put it. */
  readonly key: Origin | undefined
  readonly value: Node
}

export interface MapNode extends History {
  readonly kind: 'map'
  readonly at: Origin | undefined
  readonly entries: ReadonlyMap<string, Entry>
}

export type Node = ScalarNode | ListNode | MapNode

export const scalar = (value: Scalar, at?: Origin): ScalarNode => ({ kind: 'scalar', at, value })
export const list = (items: readonly Node[], at?: Origin): ListNode => ({ kind: 'list', at, items })
export const map = (entries: ReadonlyMap<string, Entry>, at?: Origin): MapNode => ({ kind: 'map', at, entries })
export const emptyMap = (at?: Origin): MapNode => map(new Map(), at)

/** A mapping made of other nodes, whose keys stand where their values stand. */
export const mapOf = (fields: Readonly<Record<string, Node | undefined>>, at?: Origin): MapNode => {
  const entries = new Map<string, Entry>()
  for (const name in fields) {
    const value = fields[name]
    if (value) entries.set(name, { key: value.at, value })
  }
  return map(entries, at)
}

/** The mapping with other entries: the same value, so its history stays. */
const remap = (node: MapNode, entries: ReadonlyMap<string, Entry>): MapNode => inherit(map(entries, node.at), node)

/** A node made of another one, with that one's history. */
export function inherit<Made extends Node>(made: Made, { over, via }: Node): Made {
  return over || via ? { ...made, ...(over && { over }), ...(via && { via }) } : made
}

export const child = (node: Node | undefined, key: string): Node | undefined =>
  node?.kind === 'map' ? node.entries.get(key)?.value : undefined

export const isNull = (node: Node | undefined): boolean => node?.kind === 'scalar' && node.value === null

export const text = (node: Node | undefined): string | undefined =>
  node?.kind === 'scalar' && typeof node.value === 'string' ? node.value : undefined

/** The mapping with these as well, none of which it had. */
export function withChildren(node: MapNode, added: readonly (readonly [key: string, value: Node])[]): MapNode {
  if (added.length === 0) return node
  const entries = copyOf(node.entries)
  for (const [key, value] of added) entries.set(key, { key: value.at, value })
  return remap(node, entries)
}

/** The mapping with one entry set; a key that was there keeps its place. */
export function withChild(node: MapNode, key: string, value: Node, keyAt?: Origin): MapNode {
  const entries = copyOf(node.entries)
  entries.set(key, { key: keyAt ?? entries.get(key)?.key ?? value.at, value })
  return remap(node, entries)
}

const copyOf = (entries: MapNode['entries']): Map<string, Entry> => {
  const copy = new Map<string, Entry>()
  entries.forEach((entry, key) => void copy.set(key, entry))
  return copy
}

export function withoutChild(node: MapNode, key: string): MapNode {
  if (!node.entries.has(key)) return node
  const entries = copyOf(node.entries)
  entries.delete(key)
  return remap(node, entries)
}

/**
 * Map the values of a mapping; the same node comes back when nothing changed. Here and wherever whole documents are walked it is
 * `forEach`, since `for … of` makes two arrays for each entry: a sixth of all memory that a large project took.
 */
export function mapValues(node: MapNode, change: (value: Node, key: string) => Node): MapNode {
  let entries: Map<string, Entry> | undefined
  node.entries.forEach((entry, key) => {
    const value = change(entry.value, key)
    if (value === entry.value) return
    entries ??= copyOf(node.entries)
    entries.set(key, { key: entry.key, value })
  })
  return entries ? remap(node, entries) : node
}

/** Map the items of a list; the same node comes back when nothing changed. */
export function mapItems(node: ListNode, change: (item: Node, index: number) => Node): ListNode {
  let items: Node[] | undefined
  node.items.forEach((item, index) => {
    const value = change(item, index)
    if (value === item) return
    items ??= [...node.items]
    items[index] = value
  })
  return items ? inherit(list(items, node.at), node) : node
}
