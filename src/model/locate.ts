/** Where the value at a path was written. */
import type { Location } from '../diagnostic.ts'
import { noFindings } from './findings.ts'
import { sprint } from './go-format.ts'
import type { Path } from './project.ts'
import { hostLines } from './short/host.ts'
import type { Line } from './short/line.ts'
import { sshLines } from './short/ssh.ts'
import type { MapNode, Node, Origin } from './tree/node.ts'
import { locationOf } from './tree/source.ts'

export const locate = (root: Node, path: Path): Location | undefined => locationOf(walk(root, path)?.at)

/** The value itself, with its history. */
export const nodeAt = (root: Node, path: Path): Node | undefined => walk(root, path)?.node

/** Where the value was written, before lines and columns are counted. */
export const originAt = (root: Node, path: Path): Origin | undefined => walk(root, path)?.at

function walk(root: Node, path: Path): Step | undefined {
  let step: Step = { node: root, at: undefined }
  for (const [index, key] of path.entries()) {
    const lines = typeof key === 'number' ? SORTED.get(path[index - 1])?.(step.node) : undefined
    const next = lines ? stepToLine(lines[Number(key)]) : stepInto(step.node, key)
    if (!next) return undefined
    step = next
  }
  return step
}

interface Step {
  readonly node: Node
  readonly at: Origin | undefined
}

/** Lists that are sorted, whatever order they were written in. */
const SORTED: ReadonlyMap<string | number | undefined, (node: Node) => readonly Line[] | undefined> = new Map([
  ['extra_hosts', (node: Node) => hostLines(node, noFindings())],
  ['ssh', sshLines],
])

const stepToLine = (line: Line | undefined): Step | undefined => line && { node: line.from, at: line.from.at }

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
  if (!entry) return undefined
  const { key: at, value } = entry
  return { node: value, at: value.kind === 'scalar' ? (value.at ?? at) : (at ?? value.at) }
}
