/** Steps that take containers out of service, dependents before what they depend on. */
import type { ObservedContainer } from '../driver/driver.ts'
import { type Draft, keyOf } from './draft.ts'
import { isAlive, isOneOff, isRunning, serviceOf } from './observed-containers.ts'
import { nearestOf } from './order.ts'
import type { Because, Change } from './plan.ts'
import type { Scope } from './scope.ts'

export interface RetireOptions {
  readonly because: Because
  readonly timeoutMs?: number
  readonly partOf?: Change
}

/** Stops what is alive of the scope's services: each one at once when everything that needs it has stopped. */
export function addStops(draft: Draft, scope: Scope, options: RetireOptions): void {
  const meant = new Set(scope.services)
  const aliveOf = (serviceName: string): readonly ObservedContainer[] =>
    (scope.replicas.get(serviceName) ?? []).filter(isAlive)
  for (const serviceName of [...scope.services].reverse()) {
    const before = nearestOf(scope.dependents, serviceName, (name) => meant.has(name) && aliveOf(name).length > 0)
    const after = before.flatMap((name) => aliveOf(name).map((one) => keyOf.stop(one.containerId)))
    for (const container of aliveOf(serviceName)) addStop(draft, container, { ...options, after })
  }
}

export function addStop(
  draft: Draft,
  container: ObservedContainer,
  options: RetireOptions & { readonly after?: readonly string[] },
): void {
  const preStop = hasHooks(container) ? draft.hooks(serviceOf(container), 'pre_stop') : []
  draft.add({
    key: keyOf.stop(container.containerId),
    after: options.after ?? [],
    because: options.because,
    ...serviceNameOf(container),
    ...(options.partOf !== undefined && { partOf: options.partOf }),
    action: {
      kind: 'stop-container',
      containerName: container.containerName,
      containerId: container.containerId,
      ...(options.timeoutMs !== undefined && { timeoutMs: options.timeoutMs }),
      ...(preStop.length > 0 && { preStop }),
    },
  })
}

/** Nothing can be run in one that is paused, and what `run` has made does not do the service's work. */
const hasHooks = (container: ObservedContainer): boolean => isRunning(container) && !isOneOff(container)

export interface RemovalOptions {
  readonly because: Because
  readonly partOf?: Change
  readonly after?: readonly string[]
  readonly anonymousVolumes: boolean
}

/** Waits for the container's own stop, where there is one. */
export function addRemoval(draft: Draft, container: ObservedContainer, options: RemovalOptions): void {
  draft.add({
    key: keyOf.remove(container.containerId),
    after: [keyOf.stop(container.containerId), ...(options.after ?? [])],
    because: options.because,
    ...serviceNameOf(container),
    ...(options.partOf !== undefined && { partOf: options.partOf }),
    action: {
      kind: 'remove-container',
      containerName: container.containerName,
      containerId: container.containerId,
      anonymousVolumes: options.anonymousVolumes,
    },
  })
}

/** Stop and removal of a container that nobody orders, such as an orphan. */
export function addEnd(
  draft: Draft,
  container: ObservedContainer,
  options: RetireOptions & { readonly anonymousVolumes: boolean },
): void {
  if (isAlive(container)) addStop(draft, container, options)
  addRemoval(draft, container, options)
}

export function serviceNameOf(container: ObservedContainer): { readonly serviceName?: string } {
  const serviceName = serviceOf(container)
  return serviceName === undefined ? {} : { serviceName }
}
