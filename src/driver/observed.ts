/** What there is: containers, networks, volumes and images as they were found, and what containers do and use. */
import type { Labels } from './labels.ts'

export type ContainerStatus = 'created' | 'running' | 'paused' | 'restarting' | 'exited' | 'dead'
export type HealthStatus = 'starting' | 'healthy' | 'unhealthy'

/** What exists, as the planner needs to see it. */
export interface Observed {
  readonly containers: readonly ObservedContainer[]
  readonly networks: readonly ObservedNetwork[]
  readonly volumes: readonly ObservedVolume[]
}

export interface ObservedContainer {
  readonly containerId: string
  readonly containerName: string
  readonly image: string
  readonly imageId: string
  readonly labels: Labels
  readonly status: ContainerStatus
  readonly health?: HealthStatus
  /** Who watches over it has been stopped by a signal, and neither sees nor answers anything. */
  readonly unresponsive?: boolean
  /** What the last probes wrote, at most five, the newest last. */
  readonly healthOutputs?: readonly string[]
  readonly exitCode: number
  readonly oomKilled: boolean
  /** Why it could not start or how it was lost, when there is something to say. */
  readonly error?: string
  /** Unix time in ms; 0 when it never happened. */
  readonly createdAtMs: number
  readonly startedAtMs: number
  readonly finishedAtMs: number
  readonly restartCount: number
  /** Entrypoint and command as they run, for `ps`. */
  readonly argv: readonly string[]
  readonly ports: readonly ObservedPort[]
  readonly endpoints: readonly {
    readonly networkName: string
    readonly networkId: string
    readonly ipv4Address?: string
    readonly aliases: readonly string[]
  }[]
  readonly mounts: readonly {
    readonly kind: 'bind' | 'volume' | 'tmpfs'
    readonly name?: string
    readonly source: string
    /** What of the volume is mounted, if it is not all. */
    readonly subpath?: string
    readonly target: string
    readonly readOnly: boolean
  }[]
  readonly stopGraceMs?: number
  readonly tty: boolean
  /** Whether what it writes is kept for `readLogs`. */
  readonly keepsLog: boolean
}

export interface ObservedPort {
  /** '' while the container is not running. */
  readonly hostIp: string
  /** 0 when only exposed. */
  readonly published: number
  readonly target: number
  readonly protocol: 'tcp' | 'udp'
}

export interface ObservedNetwork {
  readonly networkId: string
  readonly networkName: string
  readonly driver: string
  readonly labels: Labels
}

export interface ObservedVolume {
  readonly volumeName: string
  readonly driver: string
  /** Where on this machine its content is, where that can be said. */
  readonly mountpoint?: string
  readonly labels: Labels
}

export interface ObservedImage {
  /** `sha256:…` of the image configuration. */
  readonly imageId: string
  readonly references: readonly string[]
  readonly sizeBytes: number
  readonly createdAtMs: number
  /** When the name was given to it, or found at its registry to be the same still. */
  readonly checkedAtMs?: number
  readonly platform: string
  readonly labels: Labels
  /** Targets of `VOLUME`. */
  readonly volumes: readonly string[]
  readonly exposedPorts: readonly string[]
  readonly hasHealthcheck: boolean
}

/** One process of a container, as the host sees it. */
export interface ObservedProcess {
  readonly pid: number
  readonly parentPid: number
  /** By the host's passwd file; the number where it has no name. */
  readonly user: string
  /** `pts/0`, or '' without one. */
  readonly terminal: string
  readonly startedAtMs: number
  /** Time on processors since then. */
  readonly cpuMs: number
  /** Its arguments, or its name in brackets where it shows none. */
  readonly command: string
}

/** Sums since the container's start, and what it holds now. */
export interface ResourceUsage {
  /** When it was read, on a clock that only goes forward. */
  readonly atMs: number
  readonly cpuMs: number
  readonly memoryBytes: number
  /** The machine's memory where no limit is set. */
  readonly memoryLimitBytes: number
  /** 0 for a network that is not the container's own. */
  readonly receivedBytes: number
  readonly sentBytes: number
  readonly readBytes: number
  readonly writtenBytes: number
  /** Processes and threads. */
  readonly tasks: number
}
