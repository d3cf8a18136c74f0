/** The body of `POST /containers/create`, made of a spec. Pure. Names are those of the Docker Engine API, version 1.51. */
import {
  type ContainerSpec,
  DriverError,
  type EndpointSpec,
  LABEL,
  type NetworkMode,
  type PortSpec,
} from '../driver.ts'
import { defined } from './defined.ts'
import { hostMounts } from './mounts-body.ts'
import { resourcesBody } from './resources-body.ts'

type Body = Readonly<Record<string, unknown>>

export interface CreateOptions {
  /** Whether the daemon attaches to several networks at once; else to the first only. */
  readonly allNetworks: boolean
}

export function createBody(spec: ContainerSpec, { allNetworks }: CreateOptions): Body {
  const endpoints = spec.networkMode.kind === 'networks' ? spec.networkMode.endpoints : []
  const first = allNetworks ? endpoints : endpoints.slice(0, 1)
  return defined({
    Image: spec.image,
    Labels: spec.labels,
    Entrypoint: spec.entrypoint,
    Cmd: spec.command,
    Env: spec.environment,
    User: spec.user,
    WorkingDir: spec.workingDir,
    Hostname: spec.hostname,
    Domainname: spec.domainname,
    Tty: spec.tty,
    OpenStdin: spec.stdinOpen,
    // Whoever starts a one-off container is the one who talks with it: his last word is its last.
    StdinOnce: spec.stdinOpen && spec.labels[LABEL.oneoff] === 'True',
    StopSignal: spec.stopSignal,
    StopTimeout: spec.stopGraceMs === undefined ? undefined : Math.ceil(spec.stopGraceMs / 1000),
    Healthcheck: healthcheck(spec.healthcheck),
    ExposedPorts: exposed(spec),
    HostConfig: hostConfig(spec),
    NetworkingConfig: {
      EndpointsConfig: Object.fromEntries(first.map((one) => [one.networkName, endpointBody(one)])),
    },
  })
}

/** One attachment, also for `POST /networks/NAME/connect`. */
export function endpointBody(endpoint: EndpointSpec): Body {
  const { ipv4Address, ipv6Address, interfaceName } = endpoint
  const addresses = defined({ IPv4Address: ipv4Address, IPv6Address: ipv6Address })
  const options = {
    ...endpoint.driverOptions,
    ...(interfaceName && { 'com.docker.network.endpoint.ifname': interfaceName }),
  }
  return defined({
    Aliases: endpoint.aliases,
    IPAMConfig: Object.keys(addresses).length === 0 ? undefined : addresses,
    MacAddress: endpoint.macAddress,
    GwPriority: endpoint.gatewayPriority,
    DriverOpts: Object.keys(options).length === 0 ? undefined : options,
  })
}

function hostConfig(spec: ContainerSpec): Body {
  const { restart, dns } = spec
  return defined({
    ...hostMounts(spec.mounts),
    ...resourcesBody(spec),
    NetworkMode: networkMode(spec.networkMode),
    ConsoleSize: spec.terminalSize && [spec.terminalSize.rows, spec.terminalSize.columns],
    PortBindings: bindings(spec.ports),
    RestartPolicy: { Name: restart.kind, MaximumRetryCount: restart.maxRetries },
    LogConfig: spec.logging.driver === '' ? undefined : { Type: spec.logging.driver, Config: spec.logging.options },
    Init: spec.init || undefined,
    ReadonlyRootfs: spec.readOnly,
    Privileged: spec.privileged,
    CapAdd: spec.capAdd,
    CapDrop: spec.capDrop,
    SecurityOpt: spec.securityOpt,
    GroupAdd: spec.groupAdd,
    Sysctls: spec.sysctls,
    ExtraHosts: spec.extraHosts.map(({ host, ip }) => `${host}:${ip}`),
    Dns: dns.servers,
    DnsSearch: dns.search,
    DnsOptions: dns.options,
    OomScoreAdj: spec.oomScoreAdj,
    ShmSize: spec.shmSizeBytes,
    PidMode: typeof spec.pid === 'object' ? `container:${spec.pid.container}` : spec.pid,
    IpcMode: typeof spec.ipc === 'object' ? `container:${spec.ipc.container}` : spec.ipc,
    UTSMode: spec.uts,
    UsernsMode: spec.userns,
    CgroupnsMode: spec.cgroupns,
    CgroupParent: spec.cgroupParent,
    StorageOpt: Object.keys(spec.storageOpt).length === 0 ? undefined : spec.storageOpt,
    Runtime: spec.runtime,
    Annotations: spec.annotations,
    AutoRemove: spec.autoRemove,
  })
}

function networkMode(mode: NetworkMode): string {
  switch (mode.kind) {
    case 'networks':
      return mode.endpoints[0]?.networkName ?? 'none'
    case 'container':
      return `container:${mode.containerId}`
    default:
      return mode.kind
  }
}

function exposed({ ports, expose }: ContainerSpec): Body {
  const all = [...ports.map(({ target, protocol }) => `${target}/${protocol}`), ...expose]
  return Object.fromEntries(all.map((port) => [port.includes('/') ? port : `${port}/tcp`, {}]))
}

/** Several may lead to one port. */
function bindings(ports: readonly PortSpec[]): Body {
  const all = new Map<string, Body[]>()
  for (const { hostIp, published, target, protocol } of ports) {
    const { start, end } = published
    const range = start === 0 ? '' : end > start ? `${start}-${end}` : String(start)
    const key = `${target}/${protocol}`
    all.set(key, [...(all.get(key) ?? []), { HostIp: hostIp, HostPort: range }])
  }
  return Object.fromEntries(all)
}

const NS_PER_MS = 1_000_000

function healthcheck(check: ContainerSpec['healthcheck']): Body | undefined {
  if (check === undefined) return undefined
  const kind = check.test?.[0] ?? ''
  if (kind === 'TCP' || kind === 'HTTP') {
    throw new DriverError('unsupported', `a Docker daemon has no health checks of the kind "${kind}"`, {
      hint: 'use "CMD" with a program of the image, or the native driver',
    })
  }
  const nanos = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : ms * NS_PER_MS)
  return defined({
    Test: check.test,
    Interval: nanos(check.intervalMs),
    Timeout: nanos(check.timeoutMs),
    Retries: check.retries,
    StartPeriod: nanos(check.startPeriodMs),
    StartInterval: nanos(check.startIntervalMs),
  })
}
