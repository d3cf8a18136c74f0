/** Puts things that depend on each other in order. Knows graphs of names, not services. */

/** Each name with the names it needs. Names that are needed but not listed are taken to be there already. */
export type Graph = ReadonlyMap<string, readonly string[]>

/** A cycle, as the names along it; the first one comes again at the end. */
export class CycleError extends Error {
  override readonly name = 'CycleError'
  readonly path: readonly string[]

  constructor(path: readonly string[]) {
    super(`dependency cycle: ${path.join(' -> ')}`)
    this.path = path
  }
}

/** What needs nothing first; among equals in the order of the graph. Kahn's algorithm, a level at a time. */
export function levelsOf(graph: Graph): readonly (readonly string[])[] {
  const missing = new Map([...graph].map(([name, needs]) => [name, countListed(needs, graph)]))
  const dependents = dependentsOf(graph)
  const levels: string[][] = []
  let level = [...missing].filter(([, count]) => count === 0).map(([name]) => name)
  while (level.length > 0) {
    levels.push(level)
    level = level.flatMap((name) =>
      (dependents.get(name) ?? []).filter((dependent) => countDown(missing, dependent) === 0),
    )
  }
  if (levels.flat().length < graph.size) throw new CycleError(findCycle(graph))
  return levels
}

export function orderOf(graph: Graph): readonly string[] {
  return levelsOf(graph).flat()
}

/** The same graph seen from the other end: each name with the names that need it. */
export function dependentsOf(graph: Graph): Graph {
  const dependents = new Map<string, string[]>([...graph.keys()].map((name) => [name, []]))
  for (const [name, needs] of graph) for (const need of new Set(needs)) dependents.get(need)?.push(name)
  return dependents
}

/** The names given and everything that can be reached from them. */
export function closureOf(graph: Graph, names: Iterable<string>): ReadonlySet<string> {
  const reached = new Set<string>()
  const open = [...names]
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (reached.has(name)) continue
    reached.add(name)
    open.push(...(graph.get(name) ?? []))
  }
  return reached
}

/** The closest names from here that are accepted, looking through those that are not. */
export function nearestOf(graph: Graph, from: string, accept: (name: string) => boolean): readonly string[] {
  const found = new Set<string>()
  const seen = new Set<string>()
  const open = [...(graph.get(from) ?? [])]
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (seen.has(name)) continue
    seen.add(name)
    if (accept(name)) found.add(name)
    else open.push(...(graph.get(name) ?? []))
  }
  return [...found]
}

function countListed(needs: readonly string[], graph: Graph): number {
  return [...new Set(needs)].filter((need) => graph.has(need)).length
}

function countDown(missing: Map<string, number>, name: string): number {
  const left = (missing.get(name) ?? 0) - 1
  missing.set(name, left)
  return left
}

function findCycle(graph: Graph): readonly string[] {
  const cleared = new Set<string>()
  const walk = (name: string, path: readonly string[]): readonly string[] | undefined => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name]
    if (cleared.has(name)) return undefined
    for (const need of graph.get(name) ?? []) {
      const cycle = walk(need, [...path, name])
      if (cycle !== undefined) return cycle
    }
    cleared.add(name)
    return undefined
  }
  for (const name of graph.keys()) {
    const cycle = walk(name, [])
    if (cycle !== undefined) return cycle
  }
  return []
}
