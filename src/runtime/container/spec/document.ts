/** `spec.json`: everything the monitor is told, made of the spec, the image and what was found for them. Pure. */
import type { ContainerSpec, ResourceSpec } from '../../../driver/driver.ts'
import type { MonitorEndpoint, MonitorRemoval, MonitorSpec, OciSpec } from '../monitor-spec.ts'
import type { Profile } from '../seccomp/profile.ts'
import { resolveProfile } from '../seccomp/resolve.ts'
import { argvOf } from './argv.ts'
import { capabilitiesOf } from './capabilities.ts'
import { devicesOf } from './devices.ts'
import { environmentOf } from './environment.ts'
import { healthcheckOf } from './healthcheck.ts'
import type { ContainerImage } from './image.ts'
import { logOf } from './logging.ts'
import { copyUpTargets, ociMounts, type PlacedMount, subpathsOf } from './mounts.ts'
import { namespacesOf } from './namespaces.ts'
import { resourcesOf, rlimitsOf } from './resources.ts'
import { securityOf } from './security.ts'
import { signalNumber } from './signals.ts'
import { sysctlsOf } from './sysctls.ts'

const GRACE_MS = 10_000

/** What the machine and the state answered, so that the rest can be decided without looking. */
export interface Found {
  readonly containerId: string
  readonly image: ContainerImage
  readonly lowestLayer: string
  readonly hostname: string
  readonly mounts: readonly PlacedMount[]
  readonly endpoints: readonly MonitorEndpoint[]
  /** Addresses by which containers reach the host: `host-gateway`. */
  readonly hostGateway: string
  /** Where ports are published that name no address; '' is everywhere. */
  readonly hostIp: string
  readonly boundingCapabilities: bigint
  readonly throttlePaths: readonly string[]
  /** What its control groups know nothing of. */
  readonly unknownResources: readonly (keyof ResourceSpec)[]
  /** Undefined when every system call may be made. */
  readonly seccompProfile: Profile | undefined
  /** `x64`, `6.18.44`, `build-7`. */
  readonly machine: { readonly architecture: string; readonly kernelRelease: string; readonly hostname: string }
  /** The program of another OCI runtime. */
  readonly runtime?: string | undefined
  readonly paths: MonitorSpec['paths']
  readonly removal: MonitorRemoval
}

export function monitorSpec(spec: ContainerSpec, found: Found): MonitorSpec {
  const { containerDir } = found.paths
  const healthcheck = healthcheckOf(spec.healthcheck, found.image.config.Healthcheck)
  return {
    version: 1,
    containerId: found.containerId,
    containerName: spec.containerName,
    oci: ociSpec(spec, found),
    user: spec.user ?? found.image.config.User ?? '',
    groupAdd: spec.groupAdd,
    rootfs: {
      layers: [...found.image.layers, found.lowestLayer],
      upper: `${containerDir}/upper`,
      work: `${containerDir}/work`,
      readOnly: spec.readOnly,
    },
    copyUp: copyUpTargets(found.mounts),
    subpaths: subpathsOf(found.mounts),
    stdinOpen: spec.stdinOpen,
    log: logOf(spec.logging, `${containerDir}/log.json`, {
      containerId: found.containerId,
      containerName: spec.containerName,
      imageName: spec.image,
      imageId: found.image.imageId,
      hostname: found.machine.hostname,
    }),
    restart: spec.restart,
    stop: {
      signal: signalNumber(spec.stopSignal || found.image.config.StopSignal || 'SIGTERM'),
      graceMs: spec.stopGraceMs ?? GRACE_MS,
    },
    ...(healthcheck === undefined ? {} : { healthcheck }),
    network: networkOf(spec, found),
    ports:
      spec.networkMode.kind === 'networks'
        ? spec.ports.map(({ published, ...port }) => ({ ...port, ...published, hostIp: port.hostIp || found.hostIp }))
        : [],
    extraHosts: spec.extraHosts.map(({ host, ip }) => ({ host, ip: ip === 'host-gateway' ? found.hostGateway : ip })),
    dns: spec.dns,
    init: spec.init,
    ...(found.runtime === undefined ? {} : { runtime: found.runtime }),
    paths: found.paths,
    ...(spec.autoRemove ? { removal: found.removal } : {}),
  }
}

function ociSpec(spec: ContainerSpec, found: Found): OciSpec {
  const devices = devicesOf(spec)
  const { maskedPaths, readonlyPaths } = securityOf(spec, found.throttlePaths)
  return {
    ociVersion: '1.2.0',
    // The host's own name is not ours to change.
    ...(spec.uts === 'host'
      ? {}
      : { hostname: found.hostname, ...(spec.domainname ? { domainname: spec.domainname } : {}) }),
    process: processOf(spec, found),
    root: { path: 'rootfs', readonly: spec.readOnly },
    mounts: ociMounts(spec, found.mounts),
    annotations: spec.annotations,
    linux: {
      namespaces: namespacesOf(spec),
      cgroupsPath: `${spec.cgroupParent ? `/${spec.cgroupParent.replace(/^\/+|\/+$/g, '')}` : '/tscompose'}/${found.containerId}`,
      maskedPaths,
      readonlyPaths,
      devices: devices.nodes,
      sysctl: sysctlsOf(spec),
      resources: resourcesOf(spec, { devices: devices.rules, unknown: found.unknownResources }),
      ...seccompOf(spec, found),
    },
  }
}

function seccompOf(spec: ContainerSpec, found: Found): Pick<OciSpec['linux'], 'seccomp'> {
  if (found.seccompProfile === undefined) return {}
  const capabilities = capabilitiesOf(spec, found.boundingCapabilities).bounding
  return { seccomp: resolveProfile(found.seccompProfile, { capabilities, ...found.machine }) }
}

function processOf(spec: ContainerSpec, found: Found): OciSpec['process'] {
  const { config } = found.image
  return {
    terminal: spec.tty,
    args: argvOf(spec, config),
    env: environmentOf({ image: config.Env ?? [], spec: spec.environment, hostname: found.hostname, tty: spec.tty }),
    cwd: spec.workingDir || config.WorkingDir || '/',
    capabilities: capabilitiesOf(spec, found.boundingCapabilities),
    rlimits: rlimitsOf(spec.ulimits),
    noNewPrivileges: securityOf(spec, []).noNewPrivileges,
    ...(spec.oomScoreAdj === undefined ? {} : { oomScoreAdj: spec.oomScoreAdj }),
  }
}

/** The pid of a joined container is filled in when this one starts. */
function networkOf(spec: ContainerSpec, found: Found): MonitorSpec['network'] {
  switch (spec.networkMode.kind) {
    case 'networks':
      return { kind: 'networks', endpoints: found.endpoints }
    case 'container':
      return { kind: 'container', pid: 0 }
    default:
      return spec.networkMode
  }
}
