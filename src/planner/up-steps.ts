/** Turns the decisions of `up` into steps, and says which containers there will be. Starting them is left to start-steps.ts. */
import type { ObservedContainer } from '../driver/driver.ts'
import type { Service } from '../model/project.ts'
import { CREATED, INTERRUPTED } from './because.ts'
import { toContainerSpec } from './container-spec.ts'
import { keyOf } from './draft.ts'
import { isAlive } from './observed-containers.ts'
import { addRemoval, addStop } from './retire.ts'
import type { Replica, Replicas } from './start-steps.ts'
import { timeoutOf } from './stop.ts'
import type { UpContext } from './up-context.ts'
import type { Decision, DecisionOf, InPlaceChange } from './up-decide.ts'
import { recreate } from './up-exchange.ts'
import { addCreate, addRename, startableAfter } from './up-make.ts'
import { addRestarts, withoutDoneJobs } from './up-restarts.ts'
import { expectedImage, toSite } from './up-service.ts'

export function addServiceSteps(context: UpContext): Replicas {
  const replicas = new Map<string, readonly Replica[]>()
  for (const [serviceName, decisions] of context.decisions) {
    replicas.set(
      serviceName,
      decisions.flatMap((decision) => addSteps(context, serviceName, decision)),
    )
  }
  return context.options.start === false ? replicas : withoutDoneJobs(context, addRestarts(context, replicas))
}

function addSteps(context: UpContext, serviceName: string, decision: Decision): readonly Replica[] {
  switch (decision.kind) {
    case 'remove':
      addLeaving(context, decision)
      return []
    case 'keep':
      return [keep(context, serviceName, decision)]
    case 'create':
      return [create(context, serviceName, decision)]
    case 'recreate':
      return [recreate(context, serviceName, decision)]
  }
}

function addLeaving({ draft, options }: UpContext, { container, because }: DecisionOf<'remove'>): void {
  if (isAlive(container)) addStop(draft, container, { because, ...timeoutOf(options) })
  addRemoval(draft, container, { because, anonymousVolumes: false })
}

function keep(context: UpContext, serviceName: string, decision: DecisionOf<'keep'>): Replica {
  const { container, containerName, change } = decision
  if (change !== undefined) addUpdate(context, serviceName, container, change)
  if (container.containerName !== containerName) {
    addRename(context, {
      serviceName,
      container,
      containerName,
      because: INTERRUPTED,
    })
  }
  const replica = {
    serviceName,
    containerName,
    observed: container,
    after: [...startableAfter(context, serviceName, containerName), keyOf.update(container.containerId)],
  }
  return isAlive(container) ? replica : { ...replica, start: { because: { reason: stateOf(container) } } }
}

function addUpdate(
  { draft }: UpContext,
  serviceName: string,
  { containerName, containerId }: ObservedContainer,
  { because, update }: InPlaceChange,
): void {
  const action = { kind: 'update-container', containerName, containerId, update } as const
  draft.add({ key: keyOf.update(containerId), after: [], because, serviceName, action })
}

function stateOf(container: ObservedContainer): string {
  return container.status === 'exited' ? `it has exited (${container.exitCode})` : 'it was not started yet'
}

function create(context: UpContext, serviceName: string, decision: DecisionOf<'create'>): Replica {
  const { containerName, number, because } = decision
  const service = context.project.services[serviceName] as Service
  const imageId = expectedImage(context, serviceName)?.imageId
  const site = toSite(context, {
    serviceName,
    service,
    number,
    containerName,
    ...(imageId !== undefined && { imageId }),
  })
  addCreate(context, { service, serviceName, spec: toContainerSpec(site), because, after: [] })
  return {
    serviceName,
    containerName,
    after: startableAfter(context, serviceName, containerName),
    start: { because: CREATED },
  }
}
