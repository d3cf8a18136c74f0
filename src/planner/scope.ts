/** Which services and containers a verb speaks of: those of the files, or, where no file is at hand, those the labels tell of. */
import { ComposeError } from '../diagnostic.ts'
import type { Observed, ObservedContainer } from '../driver/driver.ts'
import type { Project } from '../model/project.ts'
import { type Dependencies, dependenciesOfLabels, dependenciesOfProject, graphOf } from './dependencies.ts'
import { replicasOf } from './observed-containers.ts'
import { closureOf, dependentsOf, type Graph } from './order.ts'

/** A project, or just its name when there is no file to read. */
export type Subject = Project | string

export interface Scope {
  readonly projectName: string
  readonly project?: Project
  readonly dependencies: Dependencies
  /** Each service with what it needs. */
  readonly graph: Graph
  /** Each service with what needs it. */
  readonly dependents: Graph
  /** The services meant: those named, or all. */
  readonly services: readonly string[]
  readonly replicas: ReadonlyMap<string, readonly ObservedContainer[]>
}

export function scopeOf(subject: Subject, observed: Observed, named: readonly string[] = []): Scope {
  const dependencies =
    typeof subject === 'string' ? dependenciesOfLabels(observed.containers) : dependenciesOfProject(subject)
  const graph = graphOf(dependencies)
  rejectUnknown(named, dependencies)
  return {
    projectName: typeof subject === 'string' ? subject : subject.name,
    ...(typeof subject !== 'string' && { project: subject }),
    dependencies,
    graph,
    dependents: dependentsOf(graph),
    services: named.length > 0 ? [...new Set(named)] : [...dependencies.keys()],
    replicas: new Map([...dependencies.keys()].map((name) => [name, replicasOf(name, observed.containers)])),
  }
}

/** The same scope with every service that has to be there for the named ones. */
export function withDependencies(scope: Scope): Scope {
  return widen(scope, scope.graph)
}

/** The same scope with every service that can't go on without the named ones. */
export function withDependents(scope: Scope): Scope {
  return widen(scope, scope.dependents)
}

function widen(scope: Scope, graph: Graph): Scope {
  const reached = closureOf(graph, scope.services)
  return { ...scope, services: [...scope.dependencies.keys()].filter((name) => reached.has(name)) }
}

function rejectUnknown(named: readonly string[], dependencies: Dependencies): void {
  const unknown = named.filter((name) => !dependencies.has(name))
  if (unknown.length === 0) return
  throw new ComposeError(
    unknown.map((name) => ({
      severity: 'error',
      code: 'no-such-service',
      message: `no such service: ${name}`,
      hint:
        dependencies.size > 0
          ? `there are ${[...dependencies.keys()].map((one) => `"${one}"`).join(', ')}`
          : 'the project has no containers',
    })),
  )
}
