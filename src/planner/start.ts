/** `start` and `restart`: the containers that are there, as they are; nothing is made and nothing removed. */
import { ComposeError } from '../diagnostic.ts'
import type { Observed, ObservedContainer } from '../driver/driver.ts'
import type { Dependencies } from './dependencies.ts'
import { type Draft, keyOf, openDraft } from './draft.ts'
import { isAlive, isRunning } from './observed-containers.ts'
import type { RestartOptions, StartOptions } from './options.ts'
import { closureOf, dependentsOf } from './order.ts'
import { placeOf } from './place.ts'
import type { Plan } from './plan.ts'
import { preStartsIn } from './pre-start.ts'
import { addStop } from './retire.ts'
import { type Scope, type Subject, scopeOf, withDependencies } from './scope.ts'
import { addFinalWaits, addStarts, type Prepare, type Replica, type Replicas } from './start-steps.ts'
import { timeoutOf } from './stop.ts'

/** Starts the services and what they depend on, in order. */
export function planStart(subject: Subject, observed: Observed, options: StartOptions): Plan {
  const scope = withDependencies(scopeOf(subject, observed, options.services))
  rejectEmpty(scope, options.services ?? [])
  const replicas = replicasIn(scope, scope.services, startOf)
  const draft = openDraft(subject)
  addStarts(draft, scope.dependencies, replicas, prepareIn(subject, observed, draft))
  if (options.wait) addFinalWaits(draft, scope.dependencies, replicas)
  return draft.finish({ projectName: scope.projectName, unchanged: unchangedOf(replicas), orphans: [], warnings: [] })
}

/** One that is paused is not left out: whoever asked hears from the driver that it has to be unpaused. */
function startOf(serviceName: string, observed: ObservedContainer): Replica {
  const replica = { serviceName, containerName: observed.containerName, observed, after: [] }
  return isRunning(observed) ? replica : { ...replica, start: { because: { reason: `it is ${observed.status}` } } }
}

/** Stops and starts the services' containers, and those of services that asked to be restarted with them. */
export function planRestart(subject: Subject, observed: Observed, options: RestartOptions): Plan {
  const scope = scopeOf(subject, observed, options.services)
  const restarting = onlyRestarting(scope.dependencies)
  const graph = new Map([...restarting].map(([name, needs]) => [name, needs.map((need) => need.serviceName)]))
  const meant = options.dependents === false ? new Set(scope.services) : closureOf(dependentsOf(graph), scope.services)
  const services = [...scope.dependencies.keys()].filter((name) => meant.has(name))
  const replicas = replicasIn(scope, services, restartOf)
  const draft = openDraft(subject)
  for (const replica of [...replicas.values()].flat()) {
    if (replica.observed === undefined || !isAlive(replica.observed) || replica.start === undefined) continue
    addStop(draft, replica.observed, { ...replica.start, ...timeoutOf(options) })
  }
  addStarts(draft, restarting, replicas, prepareIn(subject, observed, draft))
  return draft.finish({ projectName: scope.projectName, unchanged: [], orphans: [], warnings: [] })
}

function prepareIn(subject: Subject, observed: Observed, draft: Draft): Prepare | undefined {
  return typeof subject === 'string'
    ? undefined
    : preStartsIn({ project: subject, observed, decisions: new Map(), draft })
}

function restartOf(serviceName: string, observed: ObservedContainer): Replica {
  const { containerName, containerId } = observed
  return {
    serviceName,
    containerName,
    observed,
    after: [keyOf.stop(containerId)],
    start: { because: { reason: 'restart was asked for' }, partOf: { kind: 'restart', containerName } },
  }
}

function onlyRestarting(dependencies: Dependencies): Dependencies {
  return new Map([...dependencies].map(([name, needs]) => [name, needs.filter((need) => need.restart)]))
}

function replicasIn(
  scope: Scope,
  services: readonly string[],
  toReplica: (serviceName: string, observed: ObservedContainer) => Replica,
): Replicas {
  return new Map(services.map((name) => [name, (scope.replicas.get(name) ?? []).map((one) => toReplica(name, one))]))
}

export function unchangedOf(replicas: Replicas): Plan['unchanged'] {
  return [...replicas.values()]
    .flat()
    .flatMap(({ observed, start, serviceName, containerName }) =>
      observed === undefined || start !== undefined
        ? []
        : [{ containerName, containerId: observed.containerId, serviceName, running: isRunning(observed) }],
    )
}

/**
 * A service that shall have containers and has none can't be started; `up` makes them. Where none is named, those that have containers are what is
 * meant, if there are any.
 */
function rejectEmpty(scope: Scope, named: readonly string[]): void {
  const { project, replicas } = scope
  if (project === undefined) return
  if (named.length === 0 && [...replicas.values()].some((some) => some.length > 0)) return
  const empty = scope.services.filter((name) => {
    const service = project.services[name]
    return (replicas.get(name) ?? []).length === 0 && (service?.scale ?? service?.deploy?.replicas ?? 1) > 0
  })
  if (empty.length === 0) return
  throw new ComposeError(
    empty.map((name) => ({
      severity: 'error',
      code: 'no-container',
      message: `service "${name}" has no container to start`,
      hint: `make it with "tscompose up ${name}"`,
      ...placeOf(project, ['services', name]),
    })),
  )
}
