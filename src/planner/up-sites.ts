/** What a replica has to know of the others: whose namespaces and volumes it shares, and what it takes over. */
import type { MountSpec, Observed, ObservedContainer, ObservedImage } from '../driver/driver.ts'
import type { Project, Service } from '../model/project.ts'
import { toMounts } from './container-mounts.ts'
import { sharesWith } from './dependencies.ts'
import { keyOf } from './draft.ts'
import { isAnonymousVolume, replicasOf } from './observed-containers.ts'
import type { Lender } from './plan.ts'
import type { ReplicaSite } from './replica-site.ts'
import type { Decision } from './up-decide.ts'

export type Decisions = ReadonlyMap<string, readonly Decision[]>

export interface SiteContext {
  readonly project: Project
  readonly observed: Observed
  /** Of the services before this one in the order of dependencies. */
  readonly decisions: Decisions
}

type HostContext = Pick<SiteContext, 'observed' | 'decisions'>
export type Host = Exclude<Decision, { readonly kind: 'remove' }>

/** The container of another service whose namespaces are shared: the first replica speaks for all. A service that is left out this time stays. */
export function hostOf(serviceName: string, { observed, decisions }: HostContext): Host | undefined {
  const decided = decisions.get(serviceName)
  if (decided !== undefined) return decided.find((one) => one.kind !== 'remove')
  const container = replicasOf(serviceName, observed.containers)[0]
  return container && { kind: 'keep', container, containerName: container.containerName }
}

/** An id, or the name the container will have. */
export function containerIn(mode: string, context: HostContext): string | undefined {
  if (mode.startsWith('container:')) {
    const reference = mode.slice('container:'.length)
    return context.observed.containers.find((one) => one.containerName === reference)?.containerId ?? reference
  }
  if (!mode.startsWith('service:')) return undefined
  const host = hostOf(mode.slice('service:'.length), context)
  if (host === undefined) return undefined
  return host.kind === 'keep' ? host.container.containerId : host.containerName
}

/** The steps that make the containers this service lives in. One that stays is known by its id, whatever its name becomes. */
export function hostKeysOf(service: Service, context: HostContext): readonly string[] {
  return sharesWith(service).flatMap((name) => {
    const host = hostOf(name, context)
    return host === undefined || host.kind === 'keep' ? [] : madeBy(host.containerName)
  })
}

/** Whatever way a container comes to its final name. Steps that aren't in the plan are not waited for. */
export function madeBy(containerName: string): readonly string[] {
  return [keyOf.create(containerName), keyOf.rename(containerName)]
}

/** The containers of `volumes_from` that this plan makes: only they will know their anonymous volumes. */
export function lendersOf(service: Service, context: HostContext): readonly Lender[] {
  return (service.volumes_from ?? []).flatMap((source) => {
    const [serviceName = ''] = source.split(':')
    const host = serviceName === 'container' ? undefined : hostOf(serviceName, context)
    if (host === undefined || host.kind === 'keep') return []
    return [{ containerName: host.containerName, readOnly: source.endsWith(':ro') }]
  })
}

/** `volumes_from: [SERVICE[:ro], container:NAME[:ro]]`, as far as it is known before anything is made. What is in memory is not borrowed. */
export function borrowedMountsOf(service: Service, context: SiteContext): readonly MountSpec[] {
  return (service.volumes_from ?? []).flatMap((source) => {
    const [kind = '', name = ''] = source.split(':')
    const readOnly = source.endsWith(':ro')
    const mounts = kind === 'container' ? mountsOfContainer(name, context.observed) : mountsOfService(kind, context)
    return mounts.map((mount) =>
      readOnly && (mount.kind === 'bind' || mount.kind === 'volume') ? { ...mount, readOnly } : mount,
    )
  })
}

function mountsOfService(serviceName: string, context: SiteContext): readonly MountSpec[] {
  const service = context.project.services[serviceName]
  if (service === undefined) return []
  const host = hostOf(serviceName, context)
  const written = toMounts(plainSite(serviceName, service, context)).filter(
    (mount) => mount.kind === 'bind' || mount.kind === 'volume',
  )
  return host?.kind === 'keep' ? [...mountsOf(host.container), ...written] : written
}

function plainSite(serviceName: string, service: Service, context: SiteContext): ReplicaSite {
  return {
    project: context.project,
    serviceName,
    service,
    number: 1,
    containerName: serviceName,
    containerIn: () => undefined,
    borrowedMounts: borrowedMountsOf(service, context),
    inheritedVolumes: new Map(),
  }
}

function mountsOfContainer(reference: string, observed: Observed): readonly MountSpec[] {
  const container = observed.containers.find((one) => one.containerName === reference || one.containerId === reference)
  return container === undefined ? [] : mountsOf(container)
}

function mountsOf(container: ObservedContainer): readonly MountSpec[] {
  return container.mounts.flatMap(({ kind, name, source, subpath, target, readOnly }): MountSpec[] => {
    if (kind === 'bind') return [{ kind, source, target, readOnly, createHostPath: false }]
    if (kind !== 'volume' || name === undefined) return []
    // Who borrows a part of a volume does not get all of it.
    return [{ kind, volumeName: name, target, readOnly, noCopy: true, ...(subpath !== undefined && { subpath }) }]
  })
}

/** Anonymous volumes of the container that is replaced, for those targets that are still to be such. */
export function inheritedVolumesOf(
  container: ObservedContainer,
  service: Service,
  image: ObservedImage | undefined,
): ReadonlyMap<string, string> {
  const wanted = new Set([
    ...(service.volumes ?? []).flatMap((mount) =>
      mount.type === 'volume' && mount.source === undefined ? [mount.target] : [],
    ),
    ...(image?.volumes ?? []),
  ])
  return new Map(
    container.mounts.flatMap(({ kind, name, target }) =>
      kind === 'volume' && name !== undefined && isAnonymousVolume(name) && wanted.has(target)
        ? [[target, name] as const]
        : [],
    ),
  )
}
