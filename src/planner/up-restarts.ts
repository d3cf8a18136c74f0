/** Who is started again although nothing of its own changed, and who is not although it has exited. */

import { keyOf } from './draft.ts'
import { isAlive } from './observed-containers.ts'
import { addStop } from './retire.ts'
import type { Replica, Replicas } from './start-steps.ts'
import { timeoutOf } from './stop.ts'
import type { UpContext } from './up-context.ts'

/** `depends_on: {restart: true}`: stopped before what it depends on is exchanged, started after it has come back. */
export function addRestarts(context: UpContext, replicas: Replicas): Replicas {
  const isExchanged = (name: string): boolean =>
    context.decisions.get(name)?.some((one) => one.kind === 'recreate') ?? false
  const result = new Map(replicas)
  for (const [serviceName, ones] of replicas) {
    const cause = (context.dependencies.get(serviceName) ?? []).find(
      (need) => need.restart && isExchanged(need.serviceName),
    )
    if (cause !== undefined)
      result.set(
        serviceName,
        ones.map((one) => restart(context, one, cause.serviceName)),
      )
  }
  return result
}

function restart({ draft, options }: UpContext, replica: Replica, causeName: string): Replica {
  const { observed, containerName } = replica
  if (observed === undefined || replica.start !== undefined || !isAlive(observed)) return replica
  const because = { reason: `"${causeName}", which it depends on with "restart: true", is recreated` }
  const partOf = { kind: 'restart' as const, containerName }
  addStop(draft, observed, { because, partOf, ...timeoutOf(options) })
  return { ...replica, after: [...replica.after, keyOf.stop(observed.containerId)], start: { because, partOf } }
}

/**
 * A job that ended well is not run again while everyone who waited for its completion is up: a second `up` has nothing to do.
 * As soon as one of those is started, the job runs first.
 */
export function withoutDoneJobs(context: UpContext, replicas: Replicas): Replicas {
  const result = new Map(replicas)
  for (const serviceName of [...replicas.keys()].reverse()) {
    const waiting = [...context.dependencies].filter(([, needs]) =>
      needs.some((need) => need.serviceName === serviceName && need.condition === 'service_completed_successfully'),
    )
    const isDone =
      waiting.length > 0 && waiting.every(([name]) => (result.get(name) ?? []).every((one) => one.start === undefined))
    if (isDone) result.set(serviceName, (result.get(serviceName) ?? []).map(leaveDone))
  }
  return result
}

function leaveDone(replica: Replica): Replica {
  const { observed, start, ...rest } = replica
  if (observed?.status !== 'exited' || observed.exitCode !== 0) return replica
  return { ...rest, observed }
}
