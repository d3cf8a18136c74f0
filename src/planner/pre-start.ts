/** What a service wants run to its end, each in a container of its own, before its containers are started for the first time. */
import { type ContainerSpec, LABEL, type Labels, type ObservedContainer } from '../driver/driver.ts'
import type { Hook, Project, Service } from '../model/project.ts'
import { toContainerSpec } from './container-spec.ts'
import { type Draft, keyOf } from './draft.ts'
import { imageOf } from './names.ts'
import { isPreStart, replicasOf, serviceOf } from './observed-containers.ts'
import { placeOf } from './place.ts'
import { addRemoval } from './retire.ts'
import type { Prepare, Replica } from './start-steps.ts'
import { borrowedMountsOf, containerIn, type SiteContext } from './up-sites.ts'

export interface PreStartContext extends SiteContext {
  readonly draft: Draft
}

export interface Starting {
  readonly serviceName: string
  readonly service: Service
  /** Those that are about to be started. */
  readonly replicas: readonly Replica[]
  /** Keys of what has to be done before. */
  readonly after: readonly string[]
}

/** For the starts of whatever services the project has. */
export function preStartsIn(context: PreStartContext): Prepare {
  return (serviceName, replicas, after) => {
    const service = context.project.services[serviceName]
    return service === undefined ? after : addPreStarts(context, { serviceName, service, replicas, after })
  }
}

/** The keys of what has to be done before the starts. What has run once is not run again for a container that was started before. */
export function addPreStarts(
  context: PreStartContext,
  { serviceName, service, replicas, after }: Starting,
): readonly string[] {
  const hooks = service.pre_start ?? []
  const fresh = replicas.filter((one) => !one.observed || wasNeverStarted(one.observed))
  if (hooks.length === 0 || fresh.length === 0) return after
  const isFirst = replicasStaying(context, serviceName).every(wasNeverStarted)
  const leftovers = addLeftovers(context, serviceName)
  let before = [...after, ...fresh.flatMap((one) => one.after), ...leftovers]
  hooks.forEach((hook, index) => {
    const owners = hook.per_replica
      ? fresh.map((one) => one.containerName)
      : isFirst
        ? [`${context.project.name}-${serviceName}`]
        : []
    const keys = owners.map((owner) => addOne(context, { serviceName, service, hook, index, owner, after: before }))
    if (keys.length > 0) before = [...after, ...keys]
  })
  return before
}

const wasNeverStarted = ({ startedAtMs }: ObservedContainer): boolean => startedAtMs === 0

/** Whoever is not exchanged this time. */
function replicasStaying({ observed, decisions }: PreStartContext, serviceName: string): readonly ObservedContainer[] {
  const decided = decisions.get(serviceName)
  return decided === undefined
    ? replicasOf(serviceName, observed.containers)
    : decided.flatMap((one) => (one.kind === 'keep' ? [one.container] : []))
}

/** Of a command that did not come to its end. */
function addLeftovers({ draft, observed }: PreStartContext, serviceName: string): readonly string[] {
  return observed.containers
    .filter((one) => isPreStart(one) && serviceOf(one) === serviceName)
    .map((container) => {
      const key = keyOf.remove(container.containerId)
      const because = { reason: 'it was left behind by an interrupted change' }
      if (!draft.has(key)) addRemoval(draft, container, { because, anonymousVolumes: true })
      return key
    })
}

interface One extends Omit<Starting, 'replicas'> {
  readonly hook: Hook
  readonly index: number
  /** Whom it is run for. */
  readonly owner: string
}

function addOne(context: PreStartContext, { serviceName, service, hook, index, owner, after }: One): string {
  const { draft, project } = context
  const containerName = `${owner}-pre_start-${index + 1}`
  const spec = specOf(context, { serviceName, service, hook, containerName })
  const field = ['services', serviceName, 'pre_start', index]
  const key = keyOf.run(containerName)
  const because = { reason: 'comes before the first start', field, ...placeOf(project, field) }
  draft.add({
    key,
    after: [keyOf.pull(spec.image), ...resourcesOf(spec), ...after],
    because,
    serviceName,
    action: { kind: 'run-container', spec },
  })
  return key
}

function resourcesOf({ networkMode, mounts }: ContainerSpec): readonly string[] {
  const networks = networkMode.kind === 'networks' ? networkMode.endpoints : []
  return [
    ...networks.map(({ networkName }) => keyOf.createNetwork(networkName)),
    ...mounts.flatMap((mount) => (mount.kind === 'volume' ? [keyOf.createVolume(mount.volumeName)] : [])),
  ]
}

interface Wanted {
  readonly serviceName: string
  readonly service: Service
  readonly hook: Hook
  readonly containerName: string
}

/** The service's own surroundings, and nothing by which it could be taken for one of its containers. */
function specOf(context: PreStartContext, { serviceName, service, hook, containerName }: Wanted): ContainerSpec {
  const { project } = context
  const site = {
    project,
    serviceName,
    service: asHook(project, { serviceName, service, hook }),
    number: 0,
    containerName,
    hasAliases: false,
    containerIn: (mode: string) => containerIn(mode, context),
    borrowedMounts: borrowedMountsOf(service, context),
    inheritedVolumes: new Map<string, string>(),
  }
  const { entrypoint: _, ...spec } = toContainerSpec(site)
  return {
    ...spec,
    labels: labelsOf(spec.labels),
    restart: { kind: 'no', maxRetries: 0 },
    healthcheck: { test: ['NONE'] },
    autoRemove: true,
  }
}

const labelsOf = (labels: Labels): Labels => ({
  ...Object.fromEntries(
    [LABEL.project, LABEL.service, LABEL.workingDir, LABEL.configFiles, LABEL.version].map((name) => [
      name,
      labels[name] ?? '',
    ]),
  ),
  [LABEL.oneoff]: 'True',
  [LABEL.hook]: 'pre_start',
})

function asHook(project: Project, { serviceName, service, hook }: Omit<Wanted, 'containerName'>): Service {
  const {
    ports: _p,
    expose: _e,
    container_name: _c,
    hostname: _h,
    command: _,
    mac_address: _m,
    user,
    ...rest
  } = service
  const own = imageOf(project, serviceName, service)
  const image = hook.image ?? own
  const runsAs = hook.user ?? (image === own ? user : undefined)
  return {
    ...rest,
    image,
    ...(hook.command && { command: hook.command }),
    ...(runsAs !== undefined && { user: runsAs }),
    ...(hook.working_dir !== undefined && { working_dir: hook.working_dir }),
    ...(hook.privileged !== undefined && { privileged: hook.privileged }),
    environment: { ...service.environment, ...hook.environment },
    ...(service.networks && { networks: withoutPlaces(service.networks) }),
    tty: false,
    stdin_open: false,
  }
}

/** Addresses and names are the service's. */
function withoutPlaces(networks: NonNullable<Service['networks']>): NonNullable<Service['networks']> {
  return Object.fromEntries(
    Object.entries(networks).map(([key, attachment]) => {
      const { aliases: _a, ipv4_address: _4, ipv6_address: _6, mac_address: _m, ...rest } = attachment ?? {}
      return [key, rest]
    }),
  )
}
