/**
 * Walks a plan: every step runs as soon as the steps it waits for are done. Decides nothing about what to do; a failure
 * keeps dependents from running, everything else is finished.
 */
import type { Driver, PushedImage } from '../driver/driver.ts'
import { ApplyError, messageOf, type StepFailure } from './apply-error.ts'
import { type Limit, limitTo } from './limit.ts'
import type { Plan, Step, StepId } from './plan.ts'
import { type ProgressEvent, unchangedEvents } from './progress.ts'
import { createReporter, type Reporter } from './reporter.ts'
import { type HookListener, NOBODY } from './run-hooks.ts'
import { runStep } from './run-step.ts'
import { type Ledger, openLedger } from './step-context.ts'
import { openTurns, type Turns } from './turns.ts'

export interface ApplyOptions {
  readonly onEvent: (event: ProgressEvent) => void
  readonly signal: AbortSignal
  readonly hookListener?: HookListener
  /** Calls on the driver at one time; undefined is without limit. Waiting for a condition takes no place. */
  readonly parallel?: number
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number
}

export interface ApplyResult {
  /** The id of every container the plan touched, by the name it has now. */
  readonly containerIds: ReadonlyMap<string, string>
  readonly pushedImages: ReadonlyMap<string, PushedImage>
}

type Outcome = 'done' | 'failed'

interface Walk {
  readonly driver: Driver
  readonly signal: AbortSignal
  readonly hookListener: HookListener
  readonly limit: Limit
  readonly turn: Turns
  readonly reporter: Reporter
  readonly ledger: Ledger
  readonly outcomes: Map<StepId, Promise<Outcome>>
  readonly failures: StepFailure[]
}

/** Rejects with an `ApplyError`, or with the signal's reason when it was cancelled; in both cases nothing runs on behind. */
export async function applyPlan(plan: Plan, driver: Driver, options: ApplyOptions): Promise<ApplyResult> {
  for (const event of unchangedEvents(plan)) options.onEvent(event)
  const walk: Walk = {
    driver,
    signal: options.signal,
    hookListener: options.hookListener ?? NOBODY,
    limit: limitTo(options.parallel ?? Number.POSITIVE_INFINITY),
    turn: openTurns(options.now),
    reporter: createReporter(options.onEvent, options.now),
    ledger: openLedger(plan),
    outcomes: new Map(),
    failures: [],
  }
  for (const step of plan.steps) walk.outcomes.set(step.id, follow(step, walk))
  await Promise.all(walk.outcomes.values())
  const [first, ...others] = walk.failures
  if (first !== undefined) throw new ApplyError([first, ...others])
  options.signal.throwIfAborted()
  const { containerIds, pushedImages } = walk.ledger
  return { containerIds, pushedImages }
}

async function follow(step: Step, walk: Walk): Promise<Outcome> {
  const before = await Promise.all(step.after.map((id) => outcomeOf(id, step, walk)))
  if (walk.signal.aborted) return 'failed'
  if (before.includes('failed')) return passOver(step, walk)
  return await attempt(step, walk)
}

function outcomeOf(id: StepId, step: Step, walk: Walk): Promise<Outcome> {
  const outcome = walk.outcomes.get(id)
  if (outcome === undefined) throw new Error(`step ${step.id} waits for step ${id}, which does not come before it`)
  return outcome
}

/** An optional dependency that could not even be started holds up nobody. */
function passOver(step: Step, walk: Walk): Outcome {
  if (step.kind === 'wait-container' && !step.required) {
    walk.reporter.warn(step, `optional dependency "${step.dependencyName}" failed to start`)
    return 'done'
  }
  walk.reporter.skip(step)
  return 'failed'
}

async function attempt(step: Step, walk: Walk): Promise<Outcome> {
  const run = async (): Promise<void> => {
    walk.signal.throwIfAborted()
    walk.reporter.begin(step)
    // What starts goes on elsewhere: it need not wait until everything is made.
    await (step.kind === 'start-container' ? runStep(step, walk) : walk.turn(() => runStep(step, walk)))
  }
  try {
    await (step.kind === 'wait-container' ? run() : walk.limit(run))
    return 'done'
  } catch (error) {
    if (walk.signal.aborted) return 'failed'
    const mayFail = (step.kind === 'pull-image' || step.kind === 'push-image') && step.mayFail
    if (!mayFail) walk.failures.push({ step, error })
    walk.reporter.fail(step, messageOf(error))
    return 'failed'
  }
}
