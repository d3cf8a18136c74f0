/** What the verbs may be asked for, and what they must be told about the world. Plain data, no flags. */
import type { DriverLimits, ObservedImage, ObservedNetwork, ObservedVolume } from '../driver/driver.ts'

export type RecreateStrategy = 'diverged' | 'force' | 'never'
export type PullPolicy = 'policy' | 'always' | 'missing' | 'never'

/** What exists beyond the project's own objects. A reference or name that was looked up and not found maps to undefined. */
export interface Surroundings {
  readonly images: ReadonlyMap<string, ObservedImage | undefined>
  /** Networks and volumes that carry no label of the project: external ones, or others of the same name. */
  readonly networks: ReadonlyMap<string, ObservedNetwork | undefined>
  readonly volumes: ReadonlyMap<string, ObservedVolume | undefined>
  /** What the driver does nothing with. */
  readonly limits: DriverLimits
  /** Unix time, against which the age of images is measured. */
  readonly nowMs: number
}

export interface UpOptions {
  readonly surroundings: Surroundings
  /** Services named on the command line; empty is all. The others are dependencies and follow `recreateDependencies`. */
  readonly services?: readonly string[]
  readonly recreate?: RecreateStrategy
  readonly recreateDependencies?: RecreateStrategy
  readonly removeOrphans?: boolean
  /** False creates the containers and starts none (`create`, `up --no-start`). */
  readonly start?: boolean
  readonly scale?: Readonly<Record<string, number>>
  readonly renewAnonymousVolumes?: boolean
  readonly pull?: PullPolicy
  /** `always` builds what can be built, `never` nothing; else what is missing is. */
  readonly build?: 'always' | 'never'
  /** References already fetched or built for this very command, so that `always` does not do it twice. */
  readonly pulled?: readonly string[]
  /** Grace time of containers that are replaced or scaled away. */
  readonly timeoutMs?: number
  /** Ends the plan with a wait for every service (`up --wait`). */
  readonly wait?: boolean
}

export interface DownOptions {
  /** Empty is all; networks, volumes and images then stay as long as others use them. */
  readonly services?: readonly string[]
  readonly removeOrphans?: boolean
  readonly volumes?: boolean
  readonly images?: 'local' | 'all'
  /** Those of the services' images that are there. */
  readonly presentImages?: ReadonlySet<string>
  readonly timeoutMs?: number
}

export interface StopOptions {
  readonly services?: readonly string[]
  readonly timeoutMs?: number
}

export interface StartOptions {
  readonly services?: readonly string[]
  readonly wait?: boolean
}

export interface RestartOptions {
  readonly services?: readonly string[]
  readonly timeoutMs?: number
  /** False leaves out services that asked to be restarted with these (`depends_on: {restart: true}`). */
  readonly dependents?: boolean
}

export interface KillOptions {
  readonly services?: readonly string[]
  readonly signalName: string
  readonly removeOrphans?: boolean
}

export interface RemoveOptions {
  readonly services?: readonly string[]
  /** Stop the running ones first; without it they are left alone. */
  readonly stop?: boolean
  readonly volumes?: boolean
  readonly timeoutMs?: number
}
