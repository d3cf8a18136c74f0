/** A circle of dependencies, if there is one. */
import type { Problem } from './problem.ts'
import type { Path, Project } from './project.ts'

export function findCycle(project: Project): Problem | undefined {
  const done = new Set<string>()
  for (const name of Object.keys(project.services).sort()) {
    const circle = search(name, project, done)
    if (circle) return describe(circle)
  }
  return undefined
}

/** A service on the way down, and its dependencies that are still to be looked at. */
interface Step {
  readonly name: string
  readonly waiting: string[]
}

/** Walks with a stack of its own: a chain of services may be longer than the machine's. Services in `done` lead to no circle. */
function search(start: string, project: Project, done: Set<string>): readonly string[] | undefined {
  const trail: Step[] = []
  const onTrail = new Set<string>()
  const enter = (name: string): void => {
    trail.push({ name, waiting: dependenciesOf(name, project).reverse() })
    onTrail.add(name)
  }
  if (!done.has(start)) enter(start)
  for (let step = trail.at(-1); step; step = trail.at(-1)) {
    const next = step.waiting.pop()
    if (next === undefined) {
      done.add(step.name)
      onTrail.delete(step.name)
      trail.pop()
    } else if (onTrail.has(next)) {
      const names = trail.map(({ name }) => name)
      return [...names.slice(names.indexOf(next)), next]
    } else if (!done.has(next)) enter(next)
  }
  return undefined
}

/** Links and shared namespaces have become dependencies by now; builds from another service's image are edges of their own. */
function dependenciesOf(name: string, project: Project): string[] {
  return Object.keys(project.services[name]?.depends_on ?? {})
    .filter((dependency) => Object.hasOwn(project.services, dependency))
    .sort()
}

function describe(circle: readonly string[]): Problem {
  const edges = circle.slice(1).map((second, index) => edgeOf(circle[index] ?? '', second))
  const [first, ...others] = edges
  return {
    code: 'dependency-cycle',
    message: `services depend on each other in a circle: ${circle.join(' -> ')}`,
    hint: 'take one of these dependencies away',
    path: first?.path ?? [],
    notes: others,
  }
}

const edgeOf = (from: string, to: string): { readonly message: string; readonly path: Path } => ({
  message: `"${from}" depends on "${to}" here`,
  path: ['services', from, 'depends_on', to],
})
