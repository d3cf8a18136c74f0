/** What a Docker daemon tells of its objects, as records of a driver. Pure. */
import type Dockerode from 'dockerode'
import type {
  ContainerStatus,
  HealthStatus,
  ObservedContainer,
  ObservedImage,
  ObservedNetwork,
  ObservedPort,
  ObservedVolume,
} from '../driver.ts'

export type Inspected = Dockerode.ContainerInspectInfo

export function observedContainer(found: Inspected): ObservedContainer {
  const { Config: config, HostConfig: host, State: state } = found
  const isUp = state.Running || state.Paused
  return {
    containerId: found.Id,
    containerName: found.Name.replace(/^\//, ''),
    image: config.Image,
    imageId: found.Image,
    labels: config.Labels ?? {},
    status: statusOf(state.Status),
    ...(isUp && state.Health && healthOf(state.Health)),
    exitCode: state.ExitCode,
    oomKilled: state.OOMKilled,
    ...(state.Error ? { error: state.Error } : {}),
    createdAtMs: timeOf(found.Created),
    startedAtMs: timeOf(state.StartedAt),
    finishedAtMs: timeOf(state.FinishedAt),
    restartCount: found.RestartCount,
    argv: [found.Path, ...(found.Args ?? [])].filter((word, index) => index > 0 || word !== ''),
    ports: portsOf(found),
    endpoints: endpointsOf(found),
    mounts: mountsOf(found),
    ...stopGraceOf(config),
    tty: config.Tty,
    keepsLog: host.LogConfig?.Type !== 'none',
  }
}

const STATUSES: Readonly<Record<string, ContainerStatus>> = {
  created: 'created',
  initialized: 'created',
  running: 'running',
  paused: 'paused',
  restarting: 'restarting',
  exited: 'exited',
  stopped: 'exited',
  stopping: 'running',
  removing: 'exited',
}

function statusOf(status: string): ContainerStatus {
  return STATUSES[status] ?? 'dead'
}

const MOST_OUTPUTS = 5

function healthOf(health: NonNullable<Inspected['State']['Health']>): Partial<ObservedContainer> {
  if (!['starting', 'healthy', 'unhealthy'].includes(health.Status)) return {}
  const outputs = (health.Log ?? []).slice(-MOST_OUTPUTS).map((one) => one.Output)
  return { health: health.Status as HealthStatus, healthOutputs: outputs }
}

/** The year 1 is Go's word for never. */
export function timeOf(text: string): number {
  return Math.max(0, Date.parse(text) || 0)
}

function stopGraceOf(config: Inspected['Config'] & { readonly StopTimeout?: number }): Partial<ObservedContainer> {
  return config.StopTimeout === undefined || config.StopTimeout === null
    ? {}
    : { stopGraceMs: config.StopTimeout * 1000 }
}

function portsOf({ NetworkSettings: network }: Inspected): readonly ObservedPort[] {
  return Object.entries(network.Ports ?? {}).flatMap(([key, published]) => {
    const [target = '', protocol] = key.split('/')
    const common = { target: Number(target), protocol: protocol === 'udp' ? ('udp' as const) : ('tcp' as const) }
    if (!published?.length) return [{ hostIp: '', published: 0, ...common }]
    return published.map((one) => ({ hostIp: one.HostIp || '0.0.0.0', published: Number(one.HostPort), ...common }))
  })
}

/** The daemon's own modes are no networks of anybody's. */
const MODES = new Set(['host', 'none', 'default'])

function endpointsOf({ Id: id, NetworkSettings: network }: Inspected): ObservedContainer['endpoints'] {
  const named = Object.entries(network.Networks ?? {}).filter(([name]) => !MODES.has(name))
  return named.map(([networkName, one]) => ({
    networkName,
    // Podman says the name in its place: '' is that nobody knows.
    networkId: one.NetworkID === networkName ? '' : (one.NetworkID ?? ''),
    ...(one.IPAddress ? { ipv4Address: one.IPAddress } : {}),
    aliases: ((one.Aliases ?? []) as string[]).filter((alias) => !id.startsWith(alias)),
  }))
}

function mountsOf({ Mounts: mounts, HostConfig: host }: Inspected): ObservedContainer['mounts'] {
  const subpaths = new Map(((host.Mounts ?? []) as readonly AskedMount[]).map((one) => [one.Target, one.VolumeOptions]))
  return (mounts ?? []).flatMap((one) => {
    if (one.Type !== 'bind' && one.Type !== 'volume' && one.Type !== 'tmpfs') return []
    const name = one.Name ? { name: one.Name } : {}
    const subpath = subpaths.get(one.Destination)?.Subpath
    const part = subpath ? { subpath } : {}
    return [{ kind: one.Type, ...name, source: one.Source, ...part, target: one.Destination, readOnly: !one.RW }]
  })
}

interface AskedMount {
  readonly Target: string
  readonly VolumeOptions?: { readonly Subpath?: string }
}

export function observedNetwork(found: Dockerode.NetworkInspectInfo): ObservedNetwork {
  return { networkId: found.Id, networkName: found.Name, driver: found.Driver, labels: found.Labels ?? {} }
}

export function observedVolume(found: Dockerode.VolumeInspectInfo): ObservedVolume {
  const mountpoint = found.Mountpoint ? { mountpoint: found.Mountpoint } : {}
  return { volumeName: found.Name, driver: found.Driver, ...mountpoint, labels: found.Labels ?? {} }
}

type InspectedImage = Dockerode.ImageInspectInfo & {
  readonly Variant?: string
  readonly Metadata?: { readonly LastTagTime?: string }
}

export function observedImage(found: InspectedImage): ObservedImage {
  const { Config: config } = found
  const tagged = timeOf(found.Metadata?.LastTagTime ?? '')
  return {
    imageId: found.Id,
    references: [...(found.RepoTags ?? []), ...(found.RepoDigests ?? [])],
    sizeBytes: found.Size,
    createdAtMs: timeOf(found.Created),
    ...(tagged > 0 ? { checkedAtMs: tagged } : {}),
    platform: [found.Os, found.Architecture, ...(found.Variant ? [found.Variant] : [])].join('/'),
    labels: config?.Labels ?? {},
    volumes: Object.keys(config?.Volumes ?? {}),
    exposedPorts: Object.keys(config?.ExposedPorts ?? {}),
    hasHealthcheck: (config as { Healthcheck?: unknown } | undefined)?.Healthcheck !== undefined,
  }
}
