/** What containers, networks and volumes are to be. Units are in the names. */
import type { Labels } from './labels.ts'

/** What a container is to be. Units are in the names; nothing in it is Compose syntax. */
export interface ContainerSpec {
  readonly containerName: string
  /** Reference as the user wrote it, such as `redis:7`. */
  readonly image: string
  readonly platform?: string
  readonly labels: Labels
  /** `undefined` keeps the image's; an empty list clears it. */
  readonly entrypoint?: readonly string[]
  readonly command?: readonly string[]
  /** Complete, in the user's order; `KEY=value`. The image's own come first and are overridden by these. */
  readonly environment: readonly string[]
  readonly user?: string
  readonly groupAdd: readonly string[]
  readonly workingDir?: string
  readonly hostname?: string
  readonly domainname?: string
  readonly tty: boolean
  /** What its terminal measures at first, in characters, for those who know beforehand. */
  readonly terminalSize?: { readonly rows: number; readonly columns: number }
  readonly stdinOpen: boolean
  readonly init: boolean
  readonly readOnly: boolean
  readonly privileged: boolean
  readonly capAdd: readonly string[]
  readonly capDrop: readonly string[]
  readonly securityOpt: readonly string[]
  readonly sysctls: Readonly<Record<string, string>>
  readonly ulimits: Readonly<Record<string, { readonly soft: number; readonly hard: number }>>
  readonly devices: readonly { readonly source: string; readonly target: string; readonly permissions: string }[]
  /** In the kernel's notation: `c 1:3 mr`. */
  readonly deviceCgroupRules: readonly string[]
  /** Devices that a vendor's software has to provide, such as GPUs. */
  readonly deviceRequests: readonly DeviceRequestSpec[]
  readonly oomScoreAdj?: number
  readonly shmSizeBytes?: number
  readonly stopSignal?: string
  readonly stopGraceMs?: number
  readonly restart: RestartPolicy
  readonly healthcheck?: HealthcheckSpec
  readonly mounts: readonly MountSpec[]
  readonly networkMode: NetworkMode
  readonly ports: readonly PortSpec[]
  readonly expose: readonly string[]
  readonly extraHosts: readonly { readonly host: string; readonly ip: string }[]
  readonly dns: {
    readonly servers: readonly string[]
    readonly search: readonly string[]
    readonly options: readonly string[]
  }
  readonly resources: ResourceSpec
  readonly logging: { readonly driver: string; readonly options: Readonly<Record<string, string>> }
  /** Containers whose namespaces or volumes are shared: ids, never service names. */
  readonly pid?: 'host' | { readonly container: string }
  readonly ipc?: 'host' | 'private' | 'shareable' | 'none' | { readonly container: string }
  readonly uts?: 'host'
  readonly userns?: string
  readonly cgroupns?: 'host' | 'private'
  readonly cgroupParent?: string
  /** What the engine's storage is asked for, such as `size`. */
  readonly storageOpt: Readonly<Record<string, string>>
  readonly runtime?: string
  readonly annotations: Labels
  /** It is gone, with its anonymous volumes, as soon as it has ended. */
  readonly autoRemove?: true
}

/** What a container can be given without being made anew. */
export interface ContainerUpdate {
  /** Laid over those that it has. */
  readonly labels: Labels
  readonly restart: RestartPolicy
  /** Those of memory, processors and processes that are there; the others stay. */
  readonly resources?: ResourceSpec
}

export interface RestartPolicy {
  readonly kind: 'no' | 'always' | 'on-failure' | 'unless-stopped'
  /** Only with `on-failure`; 0 is without limit. */
  readonly maxRetries: number
}

/** Overrides the image's healthcheck; absent fields keep the image's or Docker's default. */
export interface HealthcheckSpec {
  /** `['NONE']`, `['CMD', …]`, `['CMD-SHELL', line]`; of our own `['TCP', port]` and `['HTTP', address]`, which need no program. */
  readonly test?: readonly string[]
  readonly intervalMs?: number
  readonly timeoutMs?: number
  readonly retries?: number
  readonly startPeriodMs?: number
  readonly startIntervalMs?: number
}

export type MountSpec =
  | {
      readonly kind: 'bind'
      readonly source: string
      readonly target: string
      readonly readOnly: boolean
      readonly createHostPath: boolean
      readonly propagation?: string
      readonly selinux?: string
      readonly recursive?: string
    }
  | {
      readonly kind: 'volume'
      readonly volumeName: string
      readonly target: string
      readonly readOnly: boolean
      readonly noCopy: boolean
      readonly subpath?: string
    }
  /** An anonymous volume: its name is made by the driver, it goes with the container on request. */
  | {
      readonly kind: 'anonymous-volume'
      readonly target: string
      readonly readOnly: boolean
      /** Refused by every driver: nothing lies in it. */
      readonly subpath?: string
    }
  | {
      readonly kind: 'tmpfs'
      readonly target: string
      readonly sizeBytes?: number
      readonly mode?: number
      readonly options?: readonly string[]
    }
  /** A file whose content comes from the model (configs and secrets given inline or by environment). */
  | {
      readonly kind: 'content'
      readonly content: string
      readonly target: string
      readonly mode: number
      readonly uid?: number
      readonly gid?: number
    }

export type NetworkMode =
  | { readonly kind: 'networks'; readonly endpoints: readonly EndpointSpec[] }
  | { readonly kind: 'host' }
  | { readonly kind: 'none' }
  | { readonly kind: 'container'; readonly containerId: string }

/** One attachment; the first endpoint of the list is the main network (eth0). */
export interface EndpointSpec {
  readonly networkName: string
  readonly aliases: readonly string[]
  readonly ipv4Address?: string
  readonly ipv6Address?: string
  readonly macAddress?: string
  readonly interfaceName?: string
  readonly gatewayPriority?: number
  readonly driverOptions?: Labels
}

export interface PortSpec {
  /** '' is every address, IPv4 and IPv6. */
  readonly hostIp: string
  /** 0 lets the driver choose a free one; `end` > `start` lets it choose within the range. */
  readonly published: { readonly start: number; readonly end: number }
  readonly target: number
  readonly protocol: 'tcp' | 'udp'
}

export interface ResourceSpec {
  readonly nanoCpus?: number
  readonly cpuShares?: number
  readonly cpuQuotaUs?: number
  readonly cpuPeriodUs?: number
  readonly cpusetCpus?: string
  readonly cpuRealtimeRuntimeUs?: number
  readonly cpuRealtimePeriodUs?: number
  readonly memoryBytes?: number
  /** Memory and swap together; -1 is without limit. */
  readonly memorySwapBytes?: number
  readonly memoryReservationBytes?: number
  /** 0 to 100. */
  readonly memorySwappiness?: number
  readonly oomKillDisable?: boolean
  readonly pidsLimit?: number
  readonly blockIo?: BlockIoSpec
}

/** Weights are from 10 to 1000; rates are bytes or operations each second. */
export interface BlockIoSpec {
  readonly weight?: number
  readonly deviceWeights: readonly { readonly path: string; readonly weight: number }[]
  readonly readBps: readonly DeviceRate[]
  readonly writeBps: readonly DeviceRate[]
  readonly readIops: readonly DeviceRate[]
  readonly writeIops: readonly DeviceRate[]
}

export interface DeviceRate {
  readonly path: string
  readonly rate: number
}

export interface DeviceRequestSpec {
  /** '' is any that has the capabilities. */
  readonly driver: string
  /** -1 is all of them; absent where `deviceIds` names them. */
  readonly count?: number
  readonly deviceIds: readonly string[]
  readonly capabilities: readonly string[]
  readonly options: Readonly<Record<string, string>>
}

export interface NetworkSpec {
  readonly networkName: string
  readonly driver: string
  readonly driverOptions: Labels
  readonly internal: boolean
  readonly enableIpv6: boolean
  readonly ipam: readonly { readonly subnet?: string; readonly gateway?: string; readonly ipRange?: string }[]
  readonly labels: Labels
}

export interface VolumeSpec {
  readonly volumeName: string
  readonly driver: string
  readonly driverOptions: Labels
  readonly labels: Labels
}
