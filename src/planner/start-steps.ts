/** Steps that start containers as soon as what they depend on is as it should be; the same for `up`, `start` and `restart`. */

import type { ObservedContainer } from '../driver/driver.ts'
import { AWAITED } from './because.ts'
import type { Dependencies, ServiceDependency } from './dependencies.ts'
import { type Draft, keyOf } from './draft.ts'
import type { Because, Change, WaitAction, WaitCondition } from './plan.ts'

/** A container as it shall be when the plan is done. */
export interface Replica {
  readonly serviceName: string
  readonly containerName: string
  /** Set where the container exists and stays. */
  readonly observed?: ObservedContainer
  /** Keys of the steps that have to be done before it can be started, apart from its dependencies. */
  readonly after: readonly string[]
  /** Undefined when it runs already, or shall not be started. */
  readonly start?: { readonly because: Because; readonly partOf?: Change }
}

export type Replicas = ReadonlyMap<string, readonly Replica[]>

/** Adds what comes before starts; returns the keys that they wait for. */
export type Prepare = (serviceName: string, starting: readonly Replica[], ready: readonly string[]) => readonly string[]

export function addStarts(
  draft: Draft,
  dependencies: Dependencies,
  replicas: Replicas,
  prepare: Prepare = (_, __, ready) => ready,
): void {
  for (const [serviceName, ones] of replicas) {
    const starting = ones.filter((one) => one.start !== undefined)
    if (starting.length === 0) continue
    const ready = addReadinessOf(draft, dependencies.get(serviceName) ?? [], replicas)
    const prepared = prepare(serviceName, starting, ready)
    for (const replica of starting) addStart(draft, replica, prepared)
  }
}

/** The keys of what has to be done before somebody who needs all this can be started. */
export function addReadinessOf(
  draft: Draft,
  needs: readonly ServiceDependency[],
  replicas: Replicas,
): readonly string[] {
  return needs.flatMap((need) =>
    (replicas.get(need.serviceName) ?? []).flatMap((replica) => addReadiness(draft, need, replica)),
  )
}

export function addStart(draft: Draft, replica: Replica, ready: readonly string[]): void {
  if (replica.start === undefined) return
  const postStart = draft.hooks(replica.serviceName, 'post_start')
  draft.add({
    key: keyOf.start(replica.containerName),
    after: [...replica.after, ...ready],
    because: replica.start.because,
    serviceName: replica.serviceName,
    ...(replica.start.partOf !== undefined && { partOf: replica.start.partOf }),
    action: {
      kind: 'start-container',
      containerName: replica.containerName,
      ...idOf(replica),
      ...(postStart.length > 0 && { postStart }),
    },
  })
}

/** The keys a dependent has to wait for so that this replica meets the condition; a wait step is added where an edge can't say it. */
function addReadiness(draft: Draft, need: ServiceDependency, replica: Replica): readonly string[] {
  const condition = CONDITIONS[need.condition]
  if (condition === 'started' && need.required) return [keyOf.start(replica.containerName)]
  if (isMet(condition, replica)) return []
  return [addWait(draft, replica, { condition, required: need.required, dependencyName: need.serviceName })]
}

const CONDITIONS = {
  service_started: 'started',
  service_healthy: 'healthy',
  service_completed_successfully: 'completed',
} as const satisfies Record<ServiceDependency['condition'], WaitCondition>

function isMet(condition: WaitCondition, replica: Replica): boolean {
  const { observed, start } = replica
  if (observed === undefined || start !== undefined) return false
  switch (condition) {
    case 'started':
      return true
    case 'healthy':
      return observed.status === 'running' && observed.health === 'healthy'
    case 'completed':
      return observed.status === 'exited' && observed.exitCode === 0
    case 'started-or-healthy':
      return observed.status === 'running' && (observed.health ?? 'healthy') === 'healthy'
  }
}

type Wait = Pick<WaitAction, 'condition' | 'required' | 'dependencyName'>

/** One wait serves everybody who waits for the same. */
function addWait(draft: Draft, replica: Replica, wait: Wait): string {
  const key = keyOf.wait(replica.containerName, wait.required ? wait.condition : `${wait.condition} at best`)
  if (draft.has(key)) return key
  draft.add({
    key,
    after: [keyOf.start(replica.containerName)],
    because: AWAITED,
    serviceName: replica.serviceName,
    action: { kind: 'wait-container', containerName: replica.containerName, ...idOf(replica), ...wait },
  })
  return key
}

/** The last word of `--wait`: everything is up, healthy where that can be told, or has done its job. */
export function addFinalWaits(draft: Draft, dependencies: Dependencies, replicas: Replicas): void {
  const jobs = new Set(
    [...dependencies.values()]
      .flat()
      .filter((need) => need.condition === 'service_completed_successfully')
      .map((need) => need.serviceName),
  )
  for (const replica of [...replicas.values()].flat()) {
    const condition = jobs.has(replica.serviceName) ? 'completed' : 'started-or-healthy'
    if (!isMet(condition, replica))
      addWait(draft, replica, { condition, required: true, dependencyName: replica.serviceName })
  }
}

function idOf(replica: Replica): { readonly containerId?: string } {
  return replica.observed === undefined ? {} : { containerId: replica.observed.containerId }
}
