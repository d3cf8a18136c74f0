/**
 * The one document a monitor is given (`containers/ID/spec.json`), and the state it writes back. The Rust side of the
 * same contract is native/kernel/src/spec.rs; docs/monitor.md tells the story. Field names are OCI runtime-spec's inside `oci`.
 */
import type { OciSeccomp } from './seccomp/profile.ts'

export interface MonitorSpec {
  readonly version: 1
  readonly containerId: string
  readonly containerName: string
  /** An OCI runtime-spec 1.2 document. `process.user` is filled by the monitor from `user` below; namespaces without a path are new. */
  readonly oci: OciSpec
  /** As Compose or the image wrote it (`''`, `www-data`, `1000:1000`); looked up in the container's own passwd and group. */
  readonly user: string
  readonly groupAdd: readonly string[]
  /** Absolute paths of unpacked layers, topmost first (overlayfs order), and the container's own two directories. */
  readonly rootfs: {
    readonly layers: readonly string[]
    readonly upper: string
    readonly work: string
    readonly readOnly: boolean
  }
  /** Mount destinations whose source directory is filled from the image when it is empty (named volumes at first use). */
  readonly copyUp: readonly string[]
  /** By destination: what is mounted is not the source of the mount but this path inside of it. */
  readonly subpaths: Readonly<Record<string, string>>
  readonly stdinOpen: boolean
  readonly log: {
    readonly driver: 'json-file' | 'none'
    readonly path: string
    readonly maxSizeBytes?: number
    readonly maxFiles?: number
    /** Who is told of each line, besides. */
    readonly forward?: LogForward
  }
  readonly restart: { readonly kind: 'no' | 'always' | 'on-failure' | 'unless-stopped'; readonly maxRetries: number }
  readonly stop: { readonly signal: number; readonly graceMs: number }
  readonly healthcheck?: MonitorHealthcheck
  readonly network: MonitorNetwork
  readonly ports: readonly {
    readonly hostIp: string
    readonly start: number
    readonly end: number
    readonly target: number
    readonly protocol: 'tcp' | 'udp'
  }[]
  readonly extraHosts: readonly { readonly host: string; readonly ip: string }[]
  readonly dns: {
    readonly servers: readonly string[]
    readonly search: readonly string[]
    readonly options: readonly string[]
  }
  readonly init: boolean
  /** The program of another OCI runtime, which makes the sandbox instead of us. */
  readonly runtime?: string
  readonly paths: {
    readonly state: string
    readonly controlSocket: string
    readonly containerDir: string
    /** The journal of events. */
    readonly events: string
  }
  /** What takes it away when it has ended; absent where it stays. */
  readonly removal?: MonitorRemoval
}

/** Where whatever speaks of a container is, and the locks under which it goes. */
export interface MonitorRemoval {
  /** Shared by all who take something apart. */
  readonly halfMadeLock: string
  /** Held while containers and volumes come and go. */
  readonly containersLock: string
  readonly namesDir: string
  readonly volumesDir: string
}

export interface MonitorHealthcheck {
  /** `['CMD', …]`, `['CMD-SHELL', line]`, `['TCP', port]` or `['HTTP', address]`. */
  readonly test: readonly string[]
  readonly intervalMs: number
  readonly timeoutMs: number
  readonly startPeriodMs: number
  readonly startIntervalMs: number
  readonly retries: number
}

export type MonitorNetwork =
  | { readonly kind: 'networks'; readonly endpoints: readonly MonitorEndpoint[] }
  | { readonly kind: 'host' }
  | { readonly kind: 'none' }
  /** Joins the network namespace of a running container, by its monitor's init pid. */
  | { readonly kind: 'container'; readonly pid: number }

export interface MonitorEndpoint {
  /** `…/networks/ID`: holds network.json and endpoints/. */
  readonly networkDir: string
  /** Names that answer on this network: container name, service, aliases, short id. */
  readonly aliases: readonly string[]
  readonly interfaceName: string
  readonly ipv4Address?: string
  readonly macAddress?: string
}

/** `networks/ID/network.json`. */
export interface NetworkRecord {
  readonly version: 1
  readonly networkId: string
  readonly networkName: string
  readonly driver: string
  /** At most 15 characters; starts with `tsc`. */
  readonly bridge: string
  readonly subnet: string
  readonly gateway: string
  readonly ipRange?: string
  readonly internal: boolean
  readonly labels: Readonly<Record<string, string>>
  readonly options: Readonly<Record<string, string>>
  readonly createdAtMs: number
}

/** `networks/ID/endpoints/CONTAINER_ID.json`, written by the monitor under the network's lock, gone when it ends. */
export interface EndpointRecord {
  readonly containerId: string
  readonly containerName: string
  readonly aliases: readonly string[]
  readonly ipv4Address: string
  readonly macAddress: string
  readonly monitor: MonitorIdentity
}

/** Proves a process: a later one with the same pid has another start time, a later boot another id. */
export interface MonitorIdentity {
  readonly pid: number
  /** Field 22 of /proc/PID/stat, in clock ticks since boot. */
  readonly startTime: number
  readonly bootId: string
}

/** `containers/ID/state.json`, replaced atomically by the monitor, or by whoever clears up after one that was killed. A container that was never started has none. */
export interface ContainerStateRecord {
  readonly version: 1
  readonly containerId: string
  readonly status: 'created' | 'running' | 'paused' | 'restarting' | 'exited' | 'dead'
  /** The container's first process in the host's pid namespace; 0 when there is none. */
  readonly pid: number
  readonly exitCode: number
  readonly oomKilled: boolean
  readonly error: string
  readonly startedAtMs: number
  readonly finishedAtMs: number
  readonly restartCount: number
  /** Set by stop: `unless-stopped` and `always` then stay down. */
  readonly stoppedByUser: boolean
  /** Of the boot in which this was written; absent before it was first written. */
  readonly bootId?: string
  readonly health?: {
    readonly status: 'starting' | 'healthy' | 'unhealthy'
    readonly failingStreak: number
    readonly log: readonly {
      readonly startMs: number
      readonly endMs: number
      readonly exitCode: number
      readonly output: string
    }[]
  }
  readonly endpoints: readonly {
    readonly networkId: string
    readonly networkName: string
    readonly ipv4Address: string
    readonly macAddress: string
  }[]
  readonly ports: readonly {
    readonly hostIp: string
    readonly published: number
    readonly target: number
    readonly protocol: 'tcp' | 'udp'
  }[]
  readonly monitor?: MonitorIdentity
}

/** The subset of OCI runtime-spec 1.2 that we write. */
export interface OciSpec {
  readonly ociVersion: string
  readonly hostname?: string
  readonly domainname?: string
  readonly process: OciProcess
  readonly root: { readonly path: string; readonly readonly: boolean }
  readonly mounts: readonly OciMount[]
  readonly annotations?: Readonly<Record<string, string>>
  readonly linux: {
    readonly namespaces: readonly {
      readonly type: 'pid' | 'mount' | 'uts' | 'ipc' | 'network' | 'cgroup' | 'user'
      readonly path?: string
    }[]
    readonly cgroupsPath: string
    readonly maskedPaths: readonly string[]
    readonly readonlyPaths: readonly string[]
    readonly devices: readonly {
      readonly path: string
      readonly type: 'c' | 'b'
      readonly major: number
      readonly minor: number
      readonly fileMode?: number
      readonly uid?: number
      readonly gid?: number
    }[]
    readonly sysctl: Readonly<Record<string, string>>
    readonly resources: OciResources
    readonly rootfsPropagation?: string
    readonly seccomp?: OciSeccomp
  }
}

export interface OciProcess {
  readonly terminal: boolean
  readonly user?: { readonly uid: number; readonly gid: number; readonly additionalGids?: readonly number[] }
  readonly args: readonly string[]
  readonly env: readonly string[]
  readonly cwd: string
  readonly capabilities: {
    readonly bounding: readonly string[]
    readonly effective: readonly string[]
    readonly permitted: readonly string[]
    readonly inheritable: readonly string[]
    readonly ambient: readonly string[]
  }
  /** -1 is without limit. */
  readonly rlimits: readonly { readonly type: string; readonly soft: number; readonly hard: number }[]
  readonly noNewPrivileges: boolean
  readonly oomScoreAdj?: number
}

export interface OciMount {
  readonly destination: string
  readonly type: string
  readonly source: string
  readonly options: readonly string[]
}

export interface OciResources {
  readonly devices: readonly {
    readonly allow: boolean
    readonly type?: 'a' | 'c' | 'b'
    readonly major?: number
    readonly minor?: number
    readonly access: string
  }[]
  readonly memory?: {
    readonly limit?: number
    readonly reservation?: number
    readonly swap?: number
    readonly swappiness?: number
    readonly disableOOMKiller?: boolean
  }
  readonly cpu?: {
    readonly shares?: number
    readonly quota?: number
    readonly period?: number
    readonly realtimeRuntime?: number
    readonly realtimePeriod?: number
    readonly cpus?: string
    readonly mems?: string
  }
  readonly pids?: { readonly limit: number }
  readonly blockIO?: OciBlockIo
}

/** Weights are from 10 to 1000, rates in bytes or operations each second. */
export interface OciBlockIo {
  readonly weight?: number
  readonly weightDevice: readonly (DeviceNumbers & { readonly weight: number })[]
  readonly throttleReadBpsDevice: readonly (DeviceNumbers & { readonly rate: number })[]
  readonly throttleWriteBpsDevice: readonly (DeviceNumbers & { readonly rate: number })[]
  readonly throttleReadIOPSDevice: readonly (DeviceNumbers & { readonly rate: number })[]
  readonly throttleWriteIOPSDevice: readonly (DeviceNumbers & { readonly rate: number })[]
}

export interface DeviceNumbers {
  readonly major: number
  readonly minor: number
}

export type LogForward =
  | { readonly kind: 'journald'; readonly socket: string; readonly fields: Readonly<Record<string, string>> }
  | {
      readonly kind: 'syslog'
      /** `server` is `host:port`; of `paths` the first socket that there is. */
      readonly address:
        | { readonly transport: 'unix'; readonly paths: readonly string[] }
        | { readonly transport: 'udp' | 'tcp'; readonly server: string }
      readonly format: 'unix' | 'rfc3164' | 'rfc5424' | 'rfc5424micro'
      /** Its number in RFC 5424. */
      readonly facility: number
      readonly tag: string
      readonly hostname: string
    }
