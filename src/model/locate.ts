/** Where the value at a path was written. */
import type { Location } from '../diagnostic.ts'
import { sprint } from './go-format.ts'
import type { Path } from './project.ts'
import type { MapNode, Node, Origin } from './tree/node.ts'
import { locationOf } from './tree/source.ts'

export const locate = (root: Node, path: Path): Location | undefined => locationOf(walk(root, path)?.at)

/** The value itself, with its history. */
export const nodeAt = (root: Node, path: Path): Node | undefined => walk(root, path)?.node

function walk(root: Node, path: Path): Step | undefined {
  let step: Step = { node: root, at: undefined }
  for (const key of path) {
    const next = stepInto(step.node, key)
    if (!next) return undefined
    step = next
  }
  return step
}

interface Step {
  readonly node: Node
  readonly at: Origin | undefined
}

function stepInto(node: Node, key: string | number): Step | undefined {
  if (node.kind === 'map') return stepIntoMap(node, key)
  // A text that is read as a list, as that of a command: its items stand where it stands.
  if (node.kind === 'scalar') return typeof key === 'number' ? { node, at: node.at } : undefined
  const item =
    typeof key === 'number'
      ? node.items[key]
      : node.items.find((one) => one.kind === 'scalar' && sprint(one).split('=', 1)[0] === key)
  return item && { node: item, at: item.at }
}

function stepIntoMap(node: MapNode, key: string | number): Step | undefined {
  const entry = node.entries.get(String(key))
  // A mapping that is read as a list, as that of hosts, is sorted: which entry became which item is not known any more.
  if (!entry) return typeof key === 'number' ? { node, at: node.at } : undefined
  const { key: at, value } = entry
  return { node: value, at: value.kind === 'scalar' ? (value.at ?? at) : (at ?? value.at) }
}
