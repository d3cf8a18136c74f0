/** Where the value at a path was written. */
import type { Location } from '../diagnostic.ts'
import { sprint } from './go-format.ts'
import type { Path } from './project.ts'
import type { Node, Origin } from './tree/node.ts'
import { locationOf } from './tree/source.ts'

export function locate(root: Node, path: Path): Location | undefined {
  let node = root
  let at: Origin | undefined
  for (const key of path) {
    const next = stepInto(node, key)
    if (!next) return undefined
    node = next.node
    at = next.at
  }
  return locationOf(at)
}

function stepInto(node: Node, key: string | number): { node: Node; at: Origin | undefined } | undefined {
  if (node.kind === 'map') {
    const entry = node.entries.get(String(key))
    return (
      entry && {
        node: entry.value,
        at: entry.value.kind === 'scalar' ? (entry.value.at ?? entry.key) : (entry.key ?? entry.value.at),
      }
    )
  }
  if (node.kind !== 'list') return undefined
  const item =
    typeof key === 'number'
      ? node.items[key]
      : node.items.find((one) => one.kind === 'scalar' && sprint(one).split('=', 1)[0] === key)
  return item && { node: item, at: item.at }
}
