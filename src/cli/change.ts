/** One change of the world in everybody's sight: planned from what is there, under the project's lock, and walked while its progress is shown. */

import type { Diagnostic } from '../diagnostic.ts'
import type { Driver, Observed } from '../driver/driver.ts'
import { type ApplyResult, applyPlan } from '../planner/apply.ts'
import type { Plan } from '../planner/plan.ts'
import { type ProgressEvent, wordsFor } from '../planner/progress.ts'
import type { HookListener } from '../planner/run-hooks.ts'
import { renderPlan } from '../view/plan.ts'
import { busyProject } from './busy-project.ts'
import { Refusal } from './failure.ts'
import type { GlobalFlags } from './global-flags.ts'
import { monotonicMs, openProgress, type ProgressSetting } from './progress.ts'

/** What one change is, from what is there; `done` is what was done before it could be planned. */
export type Planner = (observed: Observed, driver: Driver, done?: Plan) => Plan | Promise<Plan>

export interface ChangeOptions {
  readonly globals: GlobalFlags
  /** What has to be done before the rest can be planned. */
  readonly first?: Planner
  /** False where nothing but images is changed, which wait for no project. */
  readonly locks?: false
  /** Sees the plan before anything is done. */
  readonly onPlan?: (plan: Plan) => void | Promise<void>
  /** Sees every event besides the display. */
  readonly onEvent?: (event: ProgressEvent) => void
  readonly hookListener?: HookListener
  /** Which events the display shows. */
  readonly shows?: (event: ProgressEvent) => boolean
  readonly signal?: AbortSignal
  /** Other lines are written meanwhile: nothing is drawn over. */
  readonly keepScroll?: boolean
}

/** What a command has for it. */
export interface ChangeSetting extends ProgressSetting {
  readonly driver: Driver
  readonly showDiagnostics: (diagnostics: readonly Diagnostic[]) => void
  readonly signal: AbortSignal
}

/** With `--dry-run` the plan is shown instead. Undefined when nothing was applied. */
export async function makeChange(
  projectName: string,
  planner: Planner,
  options: ChangeOptions,
  setting: ChangeSetting,
): Promise<ApplyResult | undefined> {
  const { driver, output, paintFor } = setting
  const signal = options.signal ?? setting.signal
  const isDry = options.globals['dry-run']
  const isFree = isDry || options.locks === false
  const onWait = (holder: number | undefined): void => setting.showDiagnostics([busyProject(projectName, holder)])
  const release = isFree ? undefined : await driver.lockProject(projectName, signal, onWait)
  try {
    const observed = await driver.observe(projectName, signal)
    const first = await options.first?.(observed, driver)
    if (first && first.steps.length > 0) {
      if (isDry) output.out(renderPlan(first, paintFor('out')))
      else await apply(first, { ...options, signal }, setting)
    }
    const plan = await planner(observed, driver, first)
    setting.showDiagnostics(plan.warnings)
    if (!isDry) {
      await options.onPlan?.(plan)
      return await apply(plan, { ...options, signal }, setting)
    }
    output.out(renderPlan(plan, paintFor('out')))
    return undefined
  } finally {
    await release?.()
  }
}

async function apply(
  plan: Plan,
  { globals, onEvent, hookListener, shows, signal, keepScroll }: ChangeOptions & { readonly signal: AbortSignal },
  setting: ChangeSetting,
): Promise<ApplyResult> {
  const view = await openProgress(resourcesOf(plan), keepScroll ? 'never-draw' : 'may-draw', setting)
  const show = (event: ProgressEvent): void => {
    onEvent?.(event)
    if (shows?.(event) ?? true) view.on(event)
  }
  const parallel = parallelLimit(globals)
  try {
    return await applyPlan(plan, setting.driver, {
      onEvent: show,
      signal,
      now: monotonicMs,
      ...(hookListener && { hookListener }),
      ...(parallel !== undefined && { parallel }),
    })
  } finally {
    await view.close()
  }
}

function resourcesOf(plan: Plan): readonly string[] {
  const unchanged = plan.unchanged.map((one) => `Container ${one.containerName}`)
  const passedOver = (plan.passedOver ?? []).map(({ resource }) => resource)
  return [...new Set([...unchanged, ...passedOver, ...plan.steps.map((step) => wordsFor(step).resource)])]
}

function parallelLimit(globals: GlobalFlags): number | undefined {
  const text = process.env.COMPOSE_PARALLEL_LIMIT
  const limit = globals.parallel ?? (text ? Number(text) : -1)
  if (!Number.isInteger(limit) || limit < -1 || limit === 0)
    throw new Refusal(`parallel limit "${globals.parallel ?? text}" is not a number above 0, or -1 for none`)
  return limit === -1 ? undefined : limit
}
