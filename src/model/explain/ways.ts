/** On which ways, `extends` and `include`, things came into a project. */
import { nodeAt } from '../locate.ts'
import type { Path } from '../project.ts'
import type { MapNode, Node, Origin, Passage } from '../tree/node.ts'
import { locationOf } from '../tree/source.ts'
import type { Arrival, Way } from './explained.ts'

/** The ways of a value that was written at the origin, inside an element of the project. */
export type FindWays = (element: Node | undefined, at: Origin | undefined) => readonly Way[]

/** Each element is looked through once, however many values are asked about. */
export function findWays(): FindWays {
  const known = new Map<Node, ReadonlySet<Origin>>()
  const originsOf = (node: Node): ReadonlySet<Origin> => {
    const origins = known.get(node) ?? new Set(originsIn(node))
    known.set(node, origins)
    return origins
  }
  const find: FindWays = (element, at) => {
    const passage = at && element?.via?.find(({ from }) => originsOf(from).has(at))
    return passage ? [...find(passage.from, at), wayOf(passage)] : []
  }
  return find
}

function* originsIn(node: Node): Generator<Origin> {
  if (node.at) yield node.at
  if (node.kind === 'list') for (const item of node.items) yield* originsIn(item)
  if (node.kind !== 'map') return
  for (const { key, value } of node.entries.values()) {
    if (key) yield key
    yield* originsIn(value)
  }
}

function wayOf({ kind, service, at: asked }: Passage): Way {
  const at = locationOf(asked)
  return { kind, ...(service !== undefined && { service }), ...(at && { at }) }
}

/** The ways to whole elements: services, networks and so on. */
export const arrivalsAt = (root: MapNode, elements: readonly Path[]): readonly Arrival[] =>
  elements.flatMap((path) => {
    const node = nodeAt(root, path)
    return node ? [...arrivalsOf(node, path)] : []
  })

function* arrivalsOf({ via = [] }: Node, path: Path): Generator<Arrival> {
  for (const passage of via) {
    yield { path, ...wayOf(passage) }
    yield* arrivalsOf(passage.from, path)
  }
}
