/** What applying a plan says while it goes on: plain data in Docker Compose's words. How it looks is the view's business. */
import type { ObservedPort } from '../driver/driver.ts'
import type { Change, Plan, Step, StepId } from './plan.ts'

export type ProgressStatus = 'working' | 'done' | 'warning' | 'error' | 'skipped'

export interface ProgressEvent {
  /** Undefined for containers that needed nothing. */
  readonly stepId?: StepId
  /** `Container app-db-1`, `Network app_default`, `Volume app_data`, `Image redis:7`: one line of the display each. */
  readonly resource: string
  /** The resource that this one is a part of: a layer's image. */
  readonly parent?: string
  readonly status: ProgressStatus
  /** `Creating`, `Created`, `Waiting`, `Healthy` … */
  readonly text: string
  /** Since the first step on this resource began. */
  readonly elapsedMs: number
  /** Why, for errors, warnings and skipped steps. */
  readonly detail?: string
  /** A line that a build has said. */
  readonly output?: string
  /** Where a container that was started is published. */
  readonly ports?: readonly ObservedPort[]
  /** Set while an image is being fetched. */
  readonly currentBytes?: number
  readonly totalBytes?: number
}

export interface Words {
  readonly resource: string
  /** Undefined says nothing: the step is an inner part of a larger change. */
  readonly working?: string
  readonly done?: string
}

/** What the display says about a step; a larger change is one line, whatever its parts are. */
export function wordsFor(step: Step): Words {
  switch (step.partOf?.kind) {
    case undefined:
      return plainWords(step)
    case 'restart':
      return partWords(step.partOf, { working: 'Restarting', done: 'Started' }, step.kind === 'start-container')
    case 'recreate':
      return partWords(step.partOf, { working: 'Recreate', done: 'Recreated' }, takesFinalName(step))
  }
}

function partWords(change: Change, words: Omit<Words, 'resource'>, isLast: boolean): Words {
  const { done, ...before } = words
  return { resource: `Container ${change.containerName}`, ...(isLast ? words : before) }
}

/** An exchange is over when the new container has its name: by renaming, or at once where the old one made room first. */
function takesFinalName(step: Step): boolean {
  if (step.kind === 'create-container') return step.spec.containerName === step.partOf?.containerName
  return step.kind === 'rename-container'
}

function plainWords(step: Step): Words {
  switch (step.kind) {
    case 'pull-image':
      return { resource: step.shownAs ?? `Image ${step.image}`, working: 'Pulling', done: 'Pulled' }
    case 'build-image':
      return { resource: `Image ${step.request.image}`, working: 'Building', done: 'Built' }
    case 'push-image':
      return { resource: `Image ${step.image}`, working: 'Pushing', done: 'Pushed' }
    case 'remove-image':
      return { resource: `Image ${step.image}`, working: 'Removing', done: 'Removed' }
    case 'create-network':
      return { resource: `Network ${step.spec.networkName}`, working: 'Creating', done: 'Created' }
    case 'remove-network':
      return { resource: `Network ${step.networkName}`, working: 'Removing', done: 'Removed' }
    case 'create-volume':
      return { resource: `Volume ${step.spec.volumeName}`, working: 'Creating', done: 'Created' }
    case 'remove-volume':
      return { resource: `Volume ${step.volumeName}`, working: 'Removing', done: 'Removed' }
    case 'create-container':
      return { resource: `Container ${step.spec.containerName}`, working: 'Creating', done: 'Created' }
    case 'run-container':
      return { resource: `Container ${step.spec.containerName}`, working: 'Running', done: 'Exited' }
    case 'start-container':
      return { resource: `Container ${step.containerName}`, working: 'Starting', done: 'Started' }
    case 'stop-container':
      return { resource: `Container ${step.containerName}`, working: 'Stopping', done: 'Stopped' }
    case 'kill-container':
      return { resource: `Container ${step.containerName}`, working: 'Killing', done: 'Killed' }
    case 'pause-container':
      return { resource: `Container ${step.containerName}`, done: 'Paused' }
    case 'unpause-container':
      return { resource: `Container ${step.containerName}`, done: 'Unpaused' }
    case 'remove-container':
      return { resource: `Container ${step.containerName}`, working: 'Removing', done: 'Removed' }
    case 'update-container':
      return { resource: `Container ${step.containerName}`, working: 'Updating', done: 'Updated' }
    case 'rename-container':
      return { resource: `Container ${step.newName}`, working: 'Renaming', done: 'Renamed' }
    case 'wait-container':
      return { resource: `Container ${step.containerName}`, working: 'Waiting', done: WAITED[step.condition] }
  }
}

const WAITED = { started: 'Started', healthy: 'Healthy', completed: 'Exited', 'started-or-healthy': 'Healthy' } as const

/** Docker Compose lists what it leaves as it is, too. */
export function unchangedEvents(plan: Plan): readonly ProgressEvent[] {
  const running = plan.unchanged.filter((one) => one.running)
  return [
    ...running.map(({ containerName }) => eventOf(`Container ${containerName}`, 'done', 'Running')),
    ...(plan.passedOver ?? []).map(({ resource, why }) => ({
      ...eventOf(resource, 'skipped', 'Skipped'),
      ...(why === undefined ? {} : { detail: `- ${why}` }),
    })),
  ]
}

function eventOf(resource: string, status: ProgressStatus, text: string): ProgressEvent {
  return { resource, status, text, elapsedMs: 0 }
}
