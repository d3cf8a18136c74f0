/** Exchanges a container for a new one under the same name. */
import type { ContainerSpec, ObservedContainer } from '../driver/driver.ts'
import type { Service } from '../model/project.ts'
import { RECREATED } from './because.ts'
import { toContainerSpec } from './container-spec.ts'
import { sharesWith } from './dependencies.ts'
import { keyOf } from './draft.ts'
import { temporaryNameOf } from './names.ts'
import { isAlive, numberOf, replicasOf } from './observed-containers.ts'
import type { Because, Change } from './plan.ts'
import { addRemoval, addStop } from './retire.ts'
import type { Replica } from './start-steps.ts'
import { timeoutOf } from './stop.ts'
import type { UpContext } from './up-context.ts'
import type { DecisionOf } from './up-decide.ts'
import { addCreate, addRename, startableAfter } from './up-make.ts'
import { changedNetworksOf, expectedImage, toSite } from './up-service.ts'
import { hostOf, inheritedVolumesOf } from './up-sites.ts'

/** The new one is made beside the old one, so that a failure leaves the old one running; where that can't be, the old one goes first. */
export function recreate(context: UpContext, serviceName: string, decision: DecisionOf<'recreate'>): Replica {
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
    after: startableAfter(context, serviceName, containerName),
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
