/** A circle of dependencies, if there is one. */
import type { Path, Project } from './project.ts'

export interface Cycle {
  readonly code: string
  readonly message: string
  readonly hint: string
  readonly path: Path
}

export function findCycle(project: Project): Cycle | undefined {
  const done = new Set<string>()
  for (const name of Object.keys(project.services).sort()) {
    const circle = search(name, { project, done, trail: [] })
    if (circle) return describe(circle)
  }
  return undefined
}

interface Search {
  readonly project: Project
  /** Services from which no circle can be reached. */
  readonly done: Set<string>
  readonly trail: readonly string[]
}

function search(name: string, { project, done, trail }: Search): readonly string[] | undefined {
  const start = trail.indexOf(name)
  if (start >= 0) return [...trail.slice(start), name]
  if (done.has(name)) return undefined
  for (const dependency of dependenciesOf(name, project)) {
    const circle = search(dependency, { project, done, trail: [...trail, name] })
    if (circle) return circle
  }
  done.add(name)
  return undefined
}

/** Links and shared namespaces have become dependencies by now; builds from another service's image are edges of their own. */
function dependenciesOf(name: string, project: Project): readonly string[] {
  return Object.keys(project.services[name]?.depends_on ?? {})
    .filter((dependency) => Object.hasOwn(project.services, dependency))
    .sort()
}

function describe(circle: readonly string[]): Cycle {
  const [first = '', second = ''] = circle
  return {
    code: 'dependency-cycle',
    message: `services depend on each other in a circle: ${circle.join(' -> ')}`,
    hint: 'take one of these dependencies away',
    path: ['services', first, 'depends_on', second],
  }
}
