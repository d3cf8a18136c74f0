/**
 * What is going to be done to the world, as frozen data. What `plan` prints is what `apply` walks; there is no second opinion.
 * One step is one call on the driver, with the hooks that belong to it.
 */
import type { Diagnostic, Location } from '../diagnostic.ts'
import type {
  BuildRequest,
  ContainerSpec,
  ContainerUpdate,
  NetworkSpec,
  ObservedContainer,
  VolumeSpec,
} from '../driver/driver.ts'
import type { Path } from '../model/project.ts'
import type { HookRun } from './hooks.ts'

/** Counts from 1 within one plan; a step only ever waits for steps with a smaller id. */
export type StepId = number

/** Why a step is in the plan: shown to the user and pinned by the golden tests. */
export interface Because {
  /** In words: `not found`, `image changed`, `scale 3 -> 1`. */
  readonly reason: string
  /** The field of the model that decided it, where one did. */
  readonly field?: Path
  readonly old?: string
  readonly new?: string
  readonly at?: Location
  /** The step itself says as much: nothing to add for people. */
  readonly isEvident?: true
  /** Other fields that changed as well. */
  readonly also?: readonly Path[]
}

/** What a waiter wants of the containers it depends on; Compose's `service_started` needs no step, an edge says it. */
export type WaitCondition = 'started' | 'healthy' | 'completed' | 'started-or-healthy'

/** What to do with something that others turn out to use. */
export type InUse = 'leave' | 'fail'

/** A container exchanged for a new one, or stopped and started again; under the name it has in the end. */
export interface Change {
  readonly kind: 'recreate' | 'restart'
  readonly containerName: string
}

interface StepCommon {
  readonly id: StepId
  readonly after: readonly StepId[]
  readonly because: Because
  /** The Compose service this is done for; absent for networks, volumes and orphans of unknown origin. */
  readonly serviceName?: string
  /** The larger change this step is a part of: to the user that is one thing. */
  readonly partOf?: Change
}

/**
 * Containers are named by the name they have when the step runs. Those that exist when the plan is made are also given by id;
 * a spec that refers to a container which does not exist yet (shared namespaces) holds its name where the id will be.
 */
export type StepAction =
  | PullAction
  | PushAction
  | { readonly kind: 'build-image'; readonly request: BuildRequest }
  | { readonly kind: 'remove-image'; readonly image: string; readonly inUse: InUse }
  | { readonly kind: 'create-network'; readonly spec: NetworkSpec }
  | { readonly kind: 'remove-network'; readonly networkName: string; readonly inUse: InUse }
  | { readonly kind: 'create-volume'; readonly spec: VolumeSpec }
  | { readonly kind: 'remove-volume'; readonly volumeName: string; readonly inUse: InUse }
  | CreateAction
  /** Made, run to its end, which has to be a good one, and removed. */
  | { readonly kind: 'run-container'; readonly spec: ContainerSpec }
  | {
      readonly kind: 'start-container'
      readonly containerName: string
      readonly containerId?: string
      /** What is run in it before it counts as started. */
      readonly postStart?: readonly HookRun[]
    }
  | {
      readonly kind: 'stop-container'
      readonly containerName: string
      readonly containerId?: string
      readonly timeoutMs?: number
      /** What is run in it first; it goes on where one of them fails. */
      readonly preStop?: readonly HookRun[]
    }
  | {
      readonly kind: 'kill-container'
      readonly containerName: string
      readonly containerId?: string
      readonly signalName: string
    }
  | { readonly kind: 'pause-container'; readonly containerName: string; readonly containerId: string }
  | { readonly kind: 'unpause-container'; readonly containerName: string; readonly containerId: string }
  | {
      readonly kind: 'remove-container'
      readonly containerName: string
      readonly containerId?: string
      readonly anonymousVolumes: boolean
    }
  | {
      readonly kind: 'rename-container'
      readonly containerName: string
      readonly containerId?: string
      readonly newName: string
    }
  | {
      readonly kind: 'update-container'
      readonly containerName: string
      readonly containerId: string
      readonly update: ContainerUpdate
    }
  | WaitAction

export interface CreateAction {
  readonly kind: 'create-container'
  readonly spec: ContainerSpec
  /** Containers of this plan whose volumes it mounts too: those without a name of the user's get theirs when they are made. */
  readonly borrowsFrom?: readonly Lender[]
}

export interface Lender {
  readonly containerName: string
  /** What is borrowed can't be written to. */
  readonly readOnly: boolean
}

export interface PullAction {
  readonly kind: 'pull-image'
  readonly image: string
  readonly platform?: string
  /** What the display calls it, where that is not the image. */
  readonly shownAs?: string
  /** Its failure is shown and is nobody else's. */
  readonly mayFail?: true
}

export interface PushAction {
  readonly kind: 'push-image'
  readonly image: string
  readonly platform?: string
  readonly mayFail?: true
}

export interface WaitAction {
  readonly kind: 'wait-container'
  readonly containerName: string
  readonly containerId?: string
  readonly condition: WaitCondition
  /** False warns and goes on when the condition can no longer be met (`required: false`). */
  readonly required: boolean
  /** Where the condition was written. */
  readonly dependencyName: string
}

export type Step = StepCommon & StepAction
export type StepKind = Step['kind']
export type StepOf<K extends StepKind> = Step & { readonly kind: K }

/** A container that is already as it should be. */
export interface Unchanged {
  readonly containerName: string
  readonly containerId: string
  readonly serviceName: string
  readonly running: boolean
}

/** Something that was asked for and needs no step. */
export interface PassedOver {
  readonly resource: string
  readonly why?: string
}

export interface Plan {
  readonly projectName: string
  /** In an order in which they could run one by one. */
  readonly steps: readonly Step[]
  readonly unchanged: readonly Unchanged[]
  /** Containers of this project whose service is not in the files, and which this plan leaves alone. */
  readonly orphans: readonly ObservedContainer[]
  readonly warnings: readonly Diagnostic[]
  readonly passedOver?: readonly PassedOver[]
}

/** Waiting alone changes nothing: a plan that only waits is an empty one. */
export function isEmpty(plan: Plan): boolean {
  return plan.steps.every((step) => step.kind === 'wait-container')
}
