/** Applies the rules of `up` to one service: its scale, its image, and why its containers can or can't stay. */
import type { ObservedContainer, ObservedImage, ObservedNetwork } from '../driver/driver.ts'
import type { Service } from '../model/project.ts'
import { addBuild, reviewBuild } from './build.ts'
import { toContainerSpec } from './container-spec.ts'
import { sharesWith } from './dependencies.ts'
import { type Desired, inPlaceChange, whyDiverged } from './divergence.ts'
import { containerNameOf, imageOf, scaleOf } from './names.ts'
import { numberOf, replicasOf } from './observed-containers.ts'
import { placeOf } from './place.ts'
import type { Because } from './plan.ts'
import type { ReplicaSite } from './replica-site.ts'
import { strategyFor } from './strategy.ts'
import type { UpContext } from './up-context.ts'
import { type Decision, decide, type InPlaceChange } from './up-decide.ts'
import { addImagePull, addPull, imageSourceOf, missingHookImage } from './up-images.ts'
import { borrowedMountsOf, containerIn, hostOf } from './up-sites.ts'

export function decideService(context: UpContext, serviceName: string, service: Service): readonly Decision[] {
  const { project, observed, options } = context
  const scale = options.scale?.[serviceName] ?? scaleOf(service)
  if (scale > 1 && service.container_name !== undefined) rejectScale(context, serviceName, scale)
  if (scale > 0) rejectHomeless(context, serviceName, service)
  const desired = desiredBy(context, serviceName)
  const decisions = decide({
    scale,
    existing: replicasOf(serviceName, observed.containers),
    nameOf: (number) => containerNameOf(project, serviceName, number),
    why: (container) => whyNot(context, serviceName, container, desired),
    changeIn: (container) => changeIn(context, serviceName, container, desired),
  })
  warnOfPaused(context, serviceName, decisions)
  if (decisions.some((one) => one.kind === 'create' || one.kind === 'recreate')) fetchImage(context, serviceName)
  if (decisions.some(isFresh)) fetchHookImages(context, serviceName, service)
  return decisions
}

type DesiredBy = (container: ObservedContainer) => Desired

/** Worked out once for each container: the digests of all of its fields are part of it. */
function desiredBy(context: UpContext, serviceName: string): DesiredBy {
  const known = new Map<ObservedContainer, Desired>()
  return (container) => {
    const desired = known.get(container) ?? desiredOf(context, serviceName, container)
    known.set(container, desired)
    return desired
  }
}

/** Why a container can't stay. */
function whyNot(
  context: UpContext,
  serviceName: string,
  container: ObservedContainer,
  desired: DesiredBy,
): Because | undefined {
  const service = context.project.services[serviceName] as Service
  if (container.status === 'dead') return { reason: 'it is dead' }
  const strategy = strategyFor(serviceName, context.options)
  if (strategy === 'never') return undefined
  if (strategy === 'force') return { reason: 'recreation was asked for' }
  return (
    whyShared(context, service, container) ??
    whyDiverged(container, desired(container)) ??
    whyNetworkChanged(context, service)
  )
}

function changeIn(
  context: UpContext,
  serviceName: string,
  container: ObservedContainer,
  desired: DesiredBy,
): InPlaceChange | undefined {
  const { surroundings } = context.options
  if (!surroundings.limits.changesInPlace || strategyFor(serviceName, context.options) === 'never') return undefined
  return inPlaceChange(container, desired(container))
}

function desiredOf(context: UpContext, serviceName: string, container: ObservedContainer): Desired {
  const service = context.project.services[serviceName] as Service
  const { containerName } = container
  const site = toSite(context, { serviceName, service, number: numberOf(container), containerName })
  return {
    project: context.project,
    serviceName,
    service,
    spec: toContainerSpec(site),
    image: expectedImage(context, serviceName),
    findNetwork: (name) => findNetwork(context, name),
  }
}

/** The project's own, or whoever's it is. */
function findNetwork({ observed, options }: UpContext, networkName: string): ObservedNetwork | undefined {
  const own = observed.networks.find((one) => one.networkName === networkName)
  return own ?? options.surroundings.networks.get(networkName)
}

/** A container lives in the namespaces of another only as long as that one is not exchanged, now or by an `up` that was interrupted. */
function whyShared(context: UpContext, service: Service, container: ObservedContainer): Because | undefined {
  for (const name of sharesWith(service)) {
    const host = hostOf(name, context)
    if (host === undefined) continue
    if (host.kind !== 'keep') return { reason: `the container of "${name}", in which it lives, is exchanged` }
    if (host.container.createdAtMs > container.createdAtMs)
      return { reason: `the container of "${name}", in which it lived, is gone` }
  }
  return undefined
}

function whyNetworkChanged(context: UpContext, service: Service): Because | undefined {
  const key = changedNetworksOf(context, service)[0]
  if (key === undefined) return undefined
  const field = ['networks', key]
  return { reason: 'changed', field, ...placeOf(context.project, field) }
}

export function changedNetworksOf({ changedNetworks }: UpContext, service: Service): readonly string[] {
  const changed = new Set(changedNetworks.values())
  return Object.keys(service.networks ?? {}).filter((key) => changed.has(key))
}

/** Undefined where only fetching will tell. */
export function expectedImage({ project, options }: UpContext, serviceName: string): ObservedImage | undefined {
  if (imageSourceOf(project, serviceName, options).kind !== 'present') return undefined
  return options.surroundings.images.get(imageOf(project, serviceName, project.services[serviceName] as Service))
}

export function toSite(
  context: UpContext,
  replica: Pick<ReplicaSite, 'serviceName' | 'service' | 'number' | 'containerName'> & Partial<ReplicaSite>,
): ReplicaSite {
  return {
    project: context.project,
    containerIn: (mode) => containerIn(mode, context),
    borrowedMounts: borrowedMountsOf(replica.service, context),
    inheritedVolumes: new Map(),
    ...replica,
  }
}

const isFresh = (one: Decision): boolean =>
  one.kind === 'create' || one.kind === 'recreate' || (one.kind === 'keep' && one.container.startedAtMs === 0)

/** Those of `pre_start` that are not the service's. */
export function fetchHookImages(
  { project, options, draft, findings }: UpContext,
  serviceName: string,
  service: Service,
): void {
  for (const { image } of service.pre_start ?? []) {
    if (image === undefined || image === imageOf(project, serviceName, service)) continue
    if (options.surroundings.images.get(image) !== undefined) continue
    const missing = missingHookImage(project, serviceName, { image, asked: options.pull })
    if (missing !== undefined) findings.add(missing)
    else addImagePull(draft, project, service, image)
  }
}

export function fetchImage(context: UpContext, serviceName: string): void {
  const source = imageSourceOf(context.project, serviceName, context.options)
  if (source.kind === 'missing') context.findings.add(source.diagnostic)
  if (source.kind === 'build') {
    const service = context.project.services[serviceName] as Service
    context.findings.add(...reviewBuild(context.project, serviceName, service))
    addBuild(context.draft, context.project, serviceName, source)
  }
  if (source.kind === 'pull') addPull(context.draft, context.project, serviceName, source.because)
}

function rejectScale({ project, findings }: UpContext, serviceName: string, scale: number): void {
  findings.add({
    severity: 'error',
    code: 'scale-of-named-container',
    message: `service "${serviceName}" can't have ${scale} containers: its container_name "${project.services[serviceName]?.container_name}" is for one`,
    hint: 'remove "container_name" to scale the service',
    ...placeOf(project, ['services', serviceName, 'container_name']),
  })
}

/** A container can't live in one that there isn't. */
export function rejectHomeless(context: UpContext, serviceName: string, service: Service): void {
  for (const hostName of sharesWith(service)) {
    if (hostOf(hostName, context) !== undefined) continue
    context.findings.add({
      severity: 'error',
      code: 'host-missing',
      message: `service "${serviceName}" lives in a container of "${hostName}", which has none`,
      hint: `bring up "${hostName}" with at least one container`,
      ...placeOf(context.project, ['services', serviceName]),
    })
  }
}

function warnOfPaused({ project, findings }: UpContext, serviceName: string, decisions: readonly Decision[]): void {
  for (const one of decisions) {
    if (one.kind !== 'keep' || one.container.status !== 'paused') continue
    findings.add({
      severity: 'warning',
      code: 'container-paused',
      message: `container "${one.container.containerName}" is paused, and stays so`,
      hint: 'let it go on with what has paused it, or make a new one with --force-recreate',
      ...placeOf(project, ['services', serviceName]),
    })
  }
}
