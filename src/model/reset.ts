/**
 * `!reset` and `!override`: what they mark is dropped from the documents below before the marked document is laid over them.
 * https://github.com/compose-spec/compose-spec/blob/main/13-merge.md#reset-value
 */
import type { Path } from './project.ts'
import { laidOver } from './tree/history.ts'
import { child, inherit, type MapNode, map, type Node } from './tree/node.ts'

export const applyResets = (root: MapNode, resets: readonly Path[]): MapNode =>
  resets.reduce<MapNode>((tree, path) => drop(tree, path.map(String)), root)

/** The resets inside one element, as paths from there. */
export const resetsBelow = (path: Path, resets: readonly Path[]): readonly Path[] =>
  resets
    .filter((reset) => reset.length > path.length && path.every((key, at) => key === reset[at]))
    .map((reset) => reset.slice(path.length))

/** The tree without the mapping entry at a path; an item of a list can't be reset. */
function drop(tree: MapNode, [key, ...rest]: readonly string[]): MapNode {
  const entry = key === undefined ? undefined : tree.entries.get(key)
  if (key === undefined || !entry) return tree
  const entries = new Map(tree.entries)
  if (rest.length === 0) entries.delete(key)
  else if (entry.value.kind === 'map') entries.set(key, { key: entry.key, value: drop(entry.value, rest) as Node })
  return inherit(map(entries, tree.at), tree)
}

/** What `!override` put in the place of something else remembers that: `laid` is `below` with a document over it. */
export const rememberReplaced = (laid: MapNode, below: MapNode, resets: readonly Path[]): MapNode =>
  resets.reduce<MapNode>((tree, path) => remember(tree, below, path.map(String)) as MapNode, laid)

function remember(laid: Node, below: Node, [key, ...rest]: readonly string[]): Node {
  if (key === undefined) return laidOver(laid, below)
  const [entry, replaced] = [laid.kind === 'map' ? laid.entries.get(key) : undefined, child(below, key)]
  if (laid.kind !== 'map' || !entry || !replaced) return laid
  const entries = new Map(laid.entries)
  entries.set(key, { key: entry.key, value: remember(entry.value, replaced, rest) })
  return inherit(map(entries, laid.at), laid)
}
