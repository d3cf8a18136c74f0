/**
 * What the orchestrator asks of whatever runs containers, and the plain records that cross that door.
 * One method, one effect. A driver decides nothing: it does not know services, dependencies or plans.
 */

import type { Labels } from './labels.ts'
import type {
  Observed,
  ObservedContainer,
  ObservedImage,
  ObservedNetwork,
  ObservedPort,
  ObservedProcess,
  ObservedVolume,
  ResourceUsage,
} from './observed.ts'
import type { ContainerSpec, ContainerUpdate, NetworkSpec, ResourceSpec, VolumeSpec } from './specs.ts'

export { LABEL, type Labels } from './labels.ts'
export type * from './observed.ts'
export type * from './specs.ts'

export interface CommitOptions {
  /** As the user wrote it; without one the image has only its id. */
  readonly reference?: string
  /** Dockerfile instructions. */
  readonly changes: readonly string[]
  readonly author: string
  readonly message: string
  /** Whether its programs are held up meanwhile. */
  readonly pause: boolean
}

export interface LogOptions {
  readonly follow: boolean
  /** Undefined is all. */
  readonly tail?: number
  readonly sinceMs?: number
  readonly untilMs?: number
}

/** One write of the container, usually one line; `data` keeps its line end. */
export interface LogEntry {
  readonly stream: 'stdout' | 'stderr'
  /** Unix time in nanoseconds, as decimal text: a JavaScript number can't hold it. */
  readonly timeNs: bigint
  readonly data: Uint8Array
}

export interface ExecSpec {
  readonly argv: readonly string[]
  readonly environment: readonly string[]
  readonly user?: string
  readonly workingDir?: string
  readonly tty: boolean
  readonly stdin: boolean
  readonly privileged: boolean
  readonly detach: boolean
}

/** Something that happened to a container, in Docker's words: `create`, `start`, `die`, `health_status: healthy` … */
export interface ContainerEvent {
  readonly timeNs: bigint
  readonly containerId: string
  readonly containerName: string
  readonly image: string
  readonly labels: Labels
  readonly action: string
  /** What belongs to the action: `exitCode`, `signal`, `execID`. */
  readonly attributes: Readonly<Record<string, string>>
}

export interface EventOptions {
  /** Undefined is from now on. */
  readonly sinceMs?: number
  /** Undefined is for ever. */
  readonly untilMs?: number
}

/** Paths of this machine and of the container are absolute; `/.` at the end of a source means what is in the directory. */
/** A path of a container that is not as its image has it: not there in the image, different, or there no more. */
export interface FileChange {
  readonly kind: 'added' | 'changed' | 'deleted'
  readonly path: string
}

export interface CopyInto {
  /** A path of this machine, or a tar archive. */
  readonly source: string | AsyncIterable<Uint8Array>
  /** In the container; with an archive, a directory that is there. */
  readonly target: string
  /** Copies what a link in `source` points to, and not the link. */
  readonly followLink: boolean
}

export interface CopyFrom {
  readonly source: string
  /** A path of this machine, or what takes a tar archive. */
  readonly target: string | ((data: Uint8Array) => void)
  readonly followLink: boolean
  /** Files of this machine belong to whom they belong to in the container, which needs root, and not to the caller. */
  readonly keepOwners: boolean
}

/** The caller's ends of an exec or attach. */
export interface ExecStreams {
  readonly stdin?: AsyncIterable<Uint8Array>
  readonly stdout: (data: Uint8Array) => void
  readonly stderr: (data: Uint8Array) => void
  /** What the terminal measures when the program starts; 24 rows of 80 columns where nobody knows. */
  readonly terminalSize?: TerminalSize
  /** Called once with a function that signals the program. */
  readonly onSignaller?: (send: (signalName: string) => void) => void
  /** Called once with a function that tells the terminal's size. */
  readonly onResizer?: (resize: (rows: number, columns: number) => void) => void
}

/** In characters. */
export interface TerminalSize {
  readonly rows: number
  readonly columns: number
}

export interface PullRequest {
  /** As the user wrote it. */
  readonly image: string
  /** `linux/arm64/v8`; the machine's when there is none. */
  readonly platform?: string
}

export type PullEvent =
  | {
      readonly kind: 'layer'
      readonly digest: string
      readonly status: 'waiting' | 'downloading' | 'unpacking' | 'done'
      readonly currentBytes: number
      readonly totalBytes: number
    }
  | { readonly kind: 'done'; readonly imageId: string }

export interface PushRequest {
  /** As the user wrote it; its name says where it goes. */
  readonly image: string
  /** That platform's image alone, in place of all that the name stands for. */
  readonly platform?: string
}

export type PushEvent =
  | {
      readonly kind: 'layer'
      readonly digest: string
      /** Whoever compresses does it before anything is sent; what is sent then has another digest. */
      readonly status: 'compressing' | 'compressed' | 'waiting' | 'pushing' | 'pushed' | 'mounted' | 'there'
      readonly currentBytes: number
      readonly totalBytes: number
      /** The repository that a mounted one is from. */
      readonly from?: string
    }
  | ({ readonly kind: 'done' } & PushedImage)

/** What the registry knows it by. */
export interface PushedImage {
  readonly digest: string
  /** Of its manifest or index. */
  readonly sizeBytes: number
}

export interface BuildRequest {
  /** What it shall be called. */
  readonly image: string
  /** Further names. */
  readonly tags: readonly string[]
  /** A directory of this machine, or the URL of a repository. */
  readonly context: string
  /** As seen from the context. */
  readonly dockerfile: string
  /** In place of the file. */
  readonly dockerfileText?: string
  /** `null`: named, and without a value. */
  readonly args: Readonly<Record<string, string | null>>
  readonly labels: Labels
  readonly target?: string
  readonly platform?: string
  readonly network?: string
  readonly shmSizeBytes?: number
  /** `HOST:ADDRESS` */
  readonly extraHosts: readonly string[]
  readonly cacheFrom: readonly string[]
  readonly noCache: boolean
  /** Images that it is made from are looked for anew. */
  readonly pull: boolean
}

export type BuildEvent =
  | { readonly kind: 'output'; readonly line: string }
  | { readonly kind: 'done'; readonly imageId: string }

/** What the driver or the engine behind it refused. `code` is stable; the message is for people. */
export class DriverError extends Error {
  override readonly name = 'DriverError'
  readonly code: DriverErrorCode
  readonly hint?: string

  constructor(
    code: DriverErrorCode,
    message: string,
    options: { readonly hint?: string; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause })
    this.code = code
    if (options.hint !== undefined) this.hint = options.hint
  }
}

export type DriverErrorCode =
  | 'image-not-found'
  | 'image-in-use'
  | 'image-unreachable'
  | 'bad-reference'
  | 'container-not-found'
  | 'container-not-running'
  | 'name-in-use'
  | 'network-not-found'
  | 'network-in-use'
  | 'volume-not-found'
  | 'volume-in-use'
  | 'port-taken'
  | 'port-forbidden'
  | 'address-taken'
  | 'pools-exhausted'
  | 'mount-source-missing'
  | 'executable-not-found'
  | 'executable-denied'
  | 'user-unknown'
  | 'engine-unreachable'
  | 'engine-unfit'
  | 'kernel-lacks'
  | 'native-missing'
  | 'permission-denied'
  | 'unsupported'
  | 'monitor-lost'
  | 'state-broken'
  | 'cancelled'
  | 'refused'

/** What a driver makes of the parts of a spec that not every engine can honour. Whatever it can't honour here it takes and does nothing with. */
export interface DriverLimits {
  /** Finds the image for `platform`, be it another than the machine's. */
  readonly platforms: boolean
  /** `label` among the security options, and `selinux` of mounts. */
  readonly securityLabels: boolean
  /** By the name of the logging driver. */
  readonly logOptions: 'all' | ReadonlyMap<string, readonly string[]>
  readonly networkOptions: 'all' | readonly string[]
  /** Whether a container can be given other labels, which tell what it was made of. */
  readonly changesInPlace: boolean
  /** Whether there is a builder. */
  readonly builds: boolean
  /** Limits that this machine's kernel does not know. */
  readonly withoutResources: readonly (keyof ResourceSpec)[]
}

export type LockWait = (holderPid: number | undefined) => void

/** Every method is idempotent or says so, takes an `AbortSignal`, and fails with `DriverError`. */
export interface Driver {
  readonly kind: 'native' | 'docker' | 'fake'
  readonly limits: DriverLimits

  /**
   * Serialises writers on one project; the returned function gives the lock back. Kernel-held: a killed holder frees it. Who has to wait
   * hears of it once, with the process that has the lock where that is known.
   */
  lockProject(projectName: string, signal: AbortSignal, onWait?: LockWait): Promise<() => Promise<void>>

  /** Everything that carries the project's label, whatever its state. Takes no lock. */
  observe(projectName: string, signal: AbortSignal): Promise<Observed>
  /** The containers of every project. */
  observeEverywhere(signal: AbortSignal): Promise<readonly ObservedContainer[]>
  /**
   * Containers of any project that their restart policy wants to run, and that nobody runs: the machine was started anew, or
   * whoever ran them was killed. Empty where an engine sees to that itself.
   */
  findStranded(signal: AbortSignal): Promise<readonly ObservedContainer[]>
  /** The networks and volumes of these names, whoever made them (for `external` and adoption). */
  findNetwork(networkName: string, signal: AbortSignal): Promise<ObservedNetwork | undefined>
  findVolume(volumeName: string, signal: AbortSignal): Promise<ObservedVolume | undefined>
  findImage(reference: string, signal: AbortSignal): Promise<ObservedImage | undefined>

  /** Fails with `image-not-found` or `image-unreachable`. */
  pullImage(request: PullRequest, onEvent: (event: PullEvent) => void, signal: AbortSignal): Promise<void>
  /** Nothing is sent that the registry has. Fails with `image-not-found`, `image-unreachable` or `permission-denied`. */
  pushImage(request: PushRequest, onEvent: (event: PushEvent) => void, signal: AbortSignal): Promise<void>
  /** Only where `builds`. */
  buildImage(request: BuildRequest, onEvent: (event: BuildEvent) => void, signal: AbortSignal): Promise<void>
  removeImage(reference: string, signal: AbortSignal): Promise<void>

  /** Both return at once when one of that name with the same labels is there. This one tells what on the host stands in its way, a sentence for each. */
  createNetwork(spec: NetworkSpec, signal: AbortSignal): Promise<readonly string[]>
  createVolume(spec: VolumeSpec, signal: AbortSignal): Promise<void>
  /** Done when it is gone, also when it was never there; `…-in-use` when something holds it. */
  removeNetwork(networkName: string, signal: AbortSignal): Promise<void>
  removeVolume(volumeName: string, signal: AbortSignal): Promise<void>

  /** Returns the new id. Not idempotent: `name-in-use` when the name is taken. The image must be there. */
  createContainer(spec: ContainerSpec, signal: AbortSignal): Promise<string>
  /** Returns when the container's first program runs: the ports that it is published on. Done when it runs already. */
  startContainer(containerId: string, signal: AbortSignal): Promise<readonly ObservedPort[]>
  /**
   * Starts it with the caller connected to its first program before that says a word; returns the program's exit code. The end of the
   * caller's input is the end of the program's. Not idempotent: `refused` when it runs already.
   */
  startAttached(containerId: string, streams: ExecStreams, signal: AbortSignal): Promise<number>
  /** Returns the exit code. `timeoutMs` overrides the container's own grace time. Done when it is stopped already. */
  stopContainer(containerId: string, options: { readonly timeoutMs?: number }, signal: AbortSignal): Promise<number>
  /** After SIGKILL the container is down; whether another signal ends it nobody waits to see. `container-not-running` when it doesn't run. */
  killContainer(containerId: string, signalName: string, signal: AbortSignal): Promise<void>
  /** Stops every program of it where it is. Not idempotent: `refused` when it is paused already, `container-not-running` when it doesn't run. */
  pauseContainer(containerId: string, signal: AbortSignal): Promise<void>
  /** Not idempotent: `refused` when it is not paused. */
  unpauseContainer(containerId: string, signal: AbortSignal): Promise<void>
  renameContainer(containerId: string, containerName: string, signal: AbortSignal): Promise<void>
  /** Changes it where it stands; it goes on running, or not, as before. Only where `changesInPlace`. */
  updateContainer(containerId: string, update: ContainerUpdate, signal: AbortSignal): Promise<void>
  /** Kills it first when it runs. With `anonymousVolumes`, those go too. Done when it is gone. */
  removeContainer(
    containerId: string,
    options: { readonly anonymousVolumes: boolean },
    signal: AbortSignal,
  ): Promise<void>

  inspectContainer(containerId: string, signal: AbortSignal): Promise<ObservedContainer>
  /** The state now, then again at each change of status or health, pushed, not polled; ends when the container is gone or `signal` fires. */
  watchContainer(containerId: string, signal: AbortSignal): AsyncIterable<ObservedContainer>
  /**
   * Copies as `cp -r` does: into a directory that is there, else to the name. The container may run or not, and owners and
   * modes go with the files. No link in it leads out of it. `refused` when a directory would take the place of something else, or the other way round.
   */
  copyInto(containerId: string, copy: CopyInto, signal: AbortSignal): Promise<void>
  /** The other way. */
  copyFrom(containerId: string, copy: CopyFrom, signal: AbortSignal): Promise<void>
  /** What is not as the image has it, in the order of the paths, each directory before what is in it. Volumes are not looked into. */
  listChanges(containerId: string, signal: AbortSignal): Promise<readonly FileChange[]>
  /** Its file system as a tar archive, as `docker export` writes it: without volumes and what else is mounted. It may run or not. */
  exportContainer(containerId: string, write: (data: Uint8Array) => void, signal: AbortSignal): Promise<void>
  /** What it has changed becomes a layer on its image's; returns the new image's id. It may run or not. */
  commitContainer(containerId: string, options: CommitOptions, signal: AbortSignal): Promise<string>
  /** By pid; none when it does not run. Nothing of the container's is run for it. */
  listProcesses(containerId: string, signal: AbortSignal): Promise<readonly ObservedProcess[]>
  /** Undefined when it does not run. */
  readUsage(containerId: string, signal: AbortSignal): Promise<ResourceUsage | undefined>
  /** What happened to the containers of a project and goes on happening, those that are gone by now included, as far back as is kept. */
  readEvents(projectName: string, options: EventOptions, signal: AbortSignal): AsyncIterable<ContainerEvent>
  /** In order of writing. With `follow` it goes on across restarts, and ends when the container has stopped for good or is gone. */
  readLogs(containerId: string, options: LogOptions, signal: AbortSignal): AsyncIterable<LogEntry>
  /** Connects the caller with the container's first program, from now until it ends; returns its exit code. The end of the caller's input is not the end of the program's. */
  attach(containerId: string, streams: ExecStreams, signal: AbortSignal): Promise<number>
  /** Returns the exit code of the program; 126 or 127 when it could not be run. */
  exec(containerId: string, spec: ExecSpec, streams: ExecStreams, signal: AbortSignal): Promise<number>
}
