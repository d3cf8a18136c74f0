/**
 * `!reset` and `!override`: what they mark is dropped from the documents below before the marked document is laid over them.
 * https://github.com/compose-spec/compose-spec/blob/main/13-merge.md#reset-value
 */
import type { Path } from './project.ts'
import { type MapNode, map, type Node } from './tree/node.ts'

export const applyResets = (root: MapNode, resets: readonly Path[]): MapNode =>
  resets.reduce<MapNode>((tree, path) => drop(tree, path.map(String)), root)

/** The tree without the mapping entry at a path; an item of a list can't be reset. */
function drop(tree: MapNode, [key, ...rest]: readonly string[]): MapNode {
  const entry = key === undefined ? undefined : tree.entries.get(key)
  if (key === undefined || !entry) return tree
  const entries = new Map(tree.entries)
  if (rest.length === 0) entries.delete(key)
  else if (entry.value.kind === 'map') entries.set(key, { key: entry.key, value: drop(entry.value, rest) as Node })
  return map(entries, tree.at)
}
