/**
 * `!reset` and `!override`: what they mark is dropped from the documents below before the marked document is laid over them.
 * https://github.com/compose-spec/compose-spec/blob/main/13-merge.md#reset-value
 */
import type { Path } from './project.ts'
import { laidOver } from './tree/history.ts'
import { child, inherit, type MapNode, map, type Node } from './tree/node.ts'

/** The marked places as a tree, so that thousands of them cost one walk. */
export interface Resets {
  /** The value here is marked. */
  here: boolean
  readonly below: Map<string, Resets>
}

const noResets = (): Resets => ({ here: false, below: new Map() })

export function resetsOf(paths: readonly Path[]): Resets {
  const root = noResets()
  for (const path of paths) {
    let at = root
    for (const key of path.map(String)) {
      const next = at.below.get(key) ?? noResets()
      at.below.set(key, next)
      at = next
    }
    at.here = true
  }
  return root
}

/** The resets inside one element. */
export const resetsBelow = (path: readonly string[], resets: Resets): Resets =>
  path.reduce((at, key) => at.below.get(key) ?? noResets(), resets)

/** The tree without the mapping entries that are marked; an item of a list can't be reset. */
export function applyResets(tree: MapNode, { below }: Resets): MapNode {
  const entries = new Map(tree.entries)
  for (const [key, marks] of below) {
    const entry = entries.get(key)
    if (!entry) continue
    if (marks.here) entries.delete(key)
    else if (entry.value.kind === 'map') entries.set(key, { key: entry.key, value: applyResets(entry.value, marks) })
  }
  return below.size === 0 ? tree : inherit(map(entries, tree.at), tree)
}

/** What `!override` put in the place of something else remembers that: `laid` is `replaced` with a document over it. */
export function rememberReplaced(laid: MapNode, replaced: MapNode, { here, below }: Resets): MapNode {
  const inner = rememberBelow(laid, replaced, below)
  return here ? laidOver(inner, replaced) : inner
}

function rememberBelow(laid: MapNode, replaced: MapNode, below: Resets['below']): MapNode {
  if (below.size === 0) return laid
  const entries = new Map(laid.entries)
  for (const [key, marks] of below) {
    const [entry, other] = [laid.entries.get(key), child(replaced, key)]
    if (entry && other) entries.set(key, { key: entry.key, value: rememberIn(entry.value, other, marks) })
  }
  return inherit(map(entries, laid.at), laid)
}

function rememberIn(laid: Node, replaced: Node, marks: Resets): Node {
  if (laid.kind === 'map' && replaced.kind === 'map') return rememberReplaced(laid, replaced, marks)
  return marks.here ? laidOver(laid, replaced) : laid
}
