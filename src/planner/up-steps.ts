/** Turns the decisions of `up` into steps, and says which containers there will be. Starting them is left to start-steps.ts. */

import type { ContainerSpec, ObservedContainer } from '../driver/driver.ts'
import type { Service } from '../model/project.ts'
import { CREATED, INTERRUPTED, RECREATED } from './because.ts'
import { toPorts } from './container-network.ts'
import { toContainerSpec } from './container-spec.ts'
import { sharesWith } from './dependencies.ts'
import { keyOf } from './draft.ts'
import { temporaryNameOf } from './names.ts'
import { isAlive, numberOf, replicasOf } from './observed-containers.ts'
import type { Because, Change } from './plan.ts'
import { addRemoval, addStop } from './retire.ts'
import type { Replica, Replicas } from './start-steps.ts'
import { timeoutOf } from './stop.ts'
import type { UpContext } from './up-context.ts'
import type { Decision } from './up-decide.ts'
import { addRestarts, withoutDoneJobs } from './up-restarts.ts'
import { changedNetworksOf, expectedImage, toSite } from './up-service.ts'
import { hostKeysOf, hostOf, inheritedVolumesOf, madeBy } from './up-sites.ts'

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

function keep(context: UpContext, serviceName: string, { container, containerName }: DecisionOf<'keep'>): Replica {
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
    after: afterFor(context, serviceName, containerName),
  }
  return isAlive(container) ? replica : { ...replica, start: { because: { reason: stateOf(container) } } }
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
    after: afterFor(context, serviceName, containerName),
    start: { because: CREATED },
  }
}

/** The new one is made beside the old one, so that a failure leaves the old one running; where that can't be, the old one goes first. */
function recreate(context: UpContext, serviceName: string, decision: DecisionOf<'recreate'>): Replica {
  const { container, containerName, because } = decision
  const service = context.project.services[serviceName] as Service
  const exchange: Exchange = {
    service,
    serviceName,
    container,
    containerName,
    because,
    partOf: { kind: 'recreate', containerName },
  }
  if (mustMakeRoom(context, service)) replaceInPlace(context, exchange)
  else replaceBeside(context, exchange)
  return {
    serviceName,
    containerName,
    after: afterFor(context, serviceName, containerName),
    start: { because: RECREATED },
  }
}

interface Exchange {
  readonly service: Service
  readonly serviceName: string
  readonly container: ObservedContainer
  readonly containerName: string
  readonly because: Because
  readonly partOf: Change
}

/** What it is attached to or a part of has to go before the new one can be made. */
function mustMakeRoom(context: UpContext, service: Service): boolean {
  const hosts = sharesWith(service).map((name) => hostOf(name, context))
  return (
    changedNetworksOf(context, service).length > 0 || hosts.some((host) => host !== undefined && host.kind !== 'keep')
  )
}

function replaceBeside(context: UpContext, exchange: Exchange): void {
  const { container, containerName } = exchange
  const temporaryName = temporaryNameOf(container.containerId, containerName)
  const made = keyOf.create(temporaryName)
  addCreate(context, { ...exchange, spec: replacementFor(context, exchange, temporaryName), after: [] })
  addOldEnd(context, exchange, [made])
  addRename(context, {
    ...exchange,
    container: { containerName: temporaryName },
    after: [made, keyOf.remove(container.containerId)],
  })
}

function replaceInPlace(context: UpContext, exchange: Exchange): void {
  const { container, containerName } = exchange
  addOldEnd(context, exchange, [])
  addCreate(context, {
    ...exchange,
    spec: replacementFor(context, exchange, containerName),
    after: [keyOf.remove(container.containerId)],
  })
}

function replacementFor(context: UpContext, exchange: Exchange, createdAs: string): ContainerSpec {
  const { serviceName, service, container, containerName } = exchange
  const image = expectedImage(context, serviceName)
  const site = toSite(context, {
    serviceName,
    service,
    containerName,
    number: numberOf(container),
    replaces: containerName,
    ...(image !== undefined && { imageId: image.imageId }),
    ...(!context.options.renewAnonymousVolumes && { inheritedVolumes: inheritedVolumesOf(container, service, image) }),
  })
  return toContainerSpec(site, createdAs)
}

/** Whoever lives in the old container, or asked to be restarted with it, is stopped before it. */
function addOldEnd(context: UpContext, exchange: Exchange, after: readonly string[]): void {
  const { draft, options } = context
  const { container, because, partOf, serviceName } = exchange
  const guests = guestsOf(context, serviceName).map((one) => keyOf.stop(one.containerId))
  if (isAlive(container))
    addStop(draft, container, { because, partOf, after: [...after, ...guests], ...timeoutOf(options) })
  addRemoval(draft, container, { because, partOf, after: [...after, ...guests], anonymousVolumes: false })
}

function guestsOf(context: UpContext, serviceName: string): readonly ObservedContainer[] {
  const names = Object.entries(context.project.services)
    .filter(
      ([, service]) => sharesWith(service).includes(serviceName) || service.depends_on?.[serviceName]?.restart === true,
    )
    .map(([name]) => name)
  return names.flatMap((name) => replicasOf(name, context.observed.containers))
}

interface Creation {
  readonly service: Service
  readonly serviceName: string
  readonly spec: ContainerSpec
  readonly because: Because
  readonly partOf?: Change
  readonly after: readonly string[]
}

function addCreate(context: UpContext, { service, serviceName, spec, because, partOf, after }: Creation): void {
  context.draft.add({
    key: keyOf.create(spec.containerName),
    after: [
      keyOf.pull(spec.image),
      ...(spec.networkMode.kind === 'networks'
        ? spec.networkMode.endpoints.map((one) => keyOf.createNetwork(one.networkName))
        : []),
      ...spec.mounts.flatMap((mount) => (mount.kind === 'volume' ? [keyOf.createVolume(mount.volumeName)] : [])),
      ...hostKeysOf(service, context),
      ...nameFreed(context, spec.containerName),
      ...after,
    ],
    because,
    serviceName,
    ...(partOf !== undefined && { partOf }),
    action: { kind: 'create-container', spec },
  })
}

interface Renaming {
  readonly serviceName: string
  readonly container: { readonly containerName: string; readonly containerId?: string }
  readonly containerName: string
  readonly because: Because
  readonly partOf?: Change
  readonly after?: readonly string[]
}

function addRename(
  context: UpContext,
  { serviceName, container, containerName, because, partOf, after = [] }: Renaming,
): void {
  context.draft.add({
    key: keyOf.rename(containerName),
    after: [...after, ...nameFreed(context, containerName)],
    because,
    serviceName,
    ...(partOf !== undefined && { partOf }),
    action: {
      kind: 'rename-container',
      containerName: container.containerName,
      ...(container.containerId !== undefined && { containerId: container.containerId }),
      newName: containerName,
    },
  })
}

/** A name can be given again once the container that has it is gone. */
function nameFreed({ observed }: UpContext, containerName: string): readonly string[] {
  return observed.containers
    .filter((one) => one.containerName === containerName)
    .map((one) => keyOf.remove(one.containerId))
}

/** What has to be over before a container is started: its making, and whatever stops that holds one of its host ports. */
function afterFor(context: UpContext, serviceName: string, containerName: string): readonly string[] {
  const ports = toPorts(context.project.services[serviceName] as Service)
  const holders = context.observed.containers.filter(
    (container) =>
      container.containerName !== containerName &&
      container.ports.some((held) =>
        ports.some(
          (port) =>
            port.protocol === held.protocol &&
            port.published.start <= held.published &&
            held.published <= port.published.end &&
            held.published > 0,
        ),
      ),
  )
  return [...madeBy(containerName), ...holders.map((one) => keyOf.stop(one.containerId))]
}

type DecisionOf<K extends Decision['kind']> = Decision & { readonly kind: K }
