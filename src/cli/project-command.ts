/** What the commands that change or look at containers have in common: the driver, and walking a plan in everybody's sight. */
import type { Driver, Observed } from '../driver/driver.ts'
import { openDaemon, openDriver } from '../driver/open.ts'
import { type ApplyResult, applyPlan } from '../planner/apply.ts'
import type { Plan } from '../planner/plan.ts'
import { type ProgressEvent, wordsFor } from '../planner/progress.ts'
import { renderPlan } from '../view/plan.ts'
import { openTextProgress, type ProgressView } from '../view/progress.ts'
import { chooseDriver } from './driver-choice.ts'
import { isTrue } from './environment.ts'
import { Refusal } from './failure.ts'
import { FileCommand } from './file-command.ts'
import type { GlobalFlags } from './global-flags.ts'
import { chooseProgressMode } from './progress-mode.ts'

/** What one change is, from what is there; `done` is what was done before it could be planned. */
export type Planner = (observed: Observed, driver: Driver, done?: Plan) => Plan | Promise<Plan>

export interface ChangeOptions {
  readonly globals: GlobalFlags
  /** What has to be done before the rest can be planned. */
  readonly first?: Planner
  /** False where nothing but images is changed, which wait for no project. */
  readonly locks?: false
  /** Sees the plan before anything is done. */
  readonly onPlan?: (plan: Plan) => void
  /** Sees every event besides the display. */
  readonly onEvent?: (event: ProgressEvent) => void
  /** Which events the display shows. */
  readonly shows?: (event: ProgressEvent) => boolean
  readonly signal?: AbortSignal
  /** Other lines are written meanwhile: nothing is drawn over. */
  readonly keepScroll?: boolean
}

export abstract class ProjectCommand extends FileCommand {
  #driver: Driver | undefined

  protected get driver(): Driver {
    this.#driver ??= openDriver(process.env)
    return this.#driver
  }

  protected override async prepare(globals: GlobalFlags): Promise<void> {
    if (chooseDriver(globals, process.env) === 'docker') this.#driver = await openDaemon(process.env, globals.context)
  }

  /** Plans and applies under the project's lock; with `--dry-run` the plan is shown instead. Undefined when nothing was applied. */
  protected async change(
    projectName: string,
    planner: Planner,
    options: ChangeOptions,
  ): Promise<ApplyResult | undefined> {
    const signal = options.signal ?? this.signal
    const isDry = options.globals['dry-run']
    const isFree = isDry || options.locks === false
    const release = isFree ? undefined : await this.driver.lockProject(projectName, signal)
    try {
      const observed = await this.driver.observe(projectName, signal)
      const first = await options.first?.(observed, this.driver)
      if (first && first.steps.length > 0) {
        if (isDry) this.output.out(renderPlan(first, this.paintFor('out')))
        else await this.#apply(first, { ...options, signal })
      }
      const plan = await planner(observed, this.driver, first)
      this.showDiagnostics(plan.warnings)
      if (!isDry) {
        options.onPlan?.(plan)
        return await this.#apply(plan, { ...options, signal })
      }
      this.output.out(renderPlan(plan, this.paintFor('out')))
      return undefined
    } finally {
      await release?.()
    }
  }

  async #apply(
    plan: Plan,
    { globals, onEvent, shows, signal, keepScroll }: ChangeOptions & { readonly signal: AbortSignal },
  ): Promise<ApplyResult> {
    const view = await this.#openProgress(plan, keepScroll ? 'never-draw' : 'may-draw')
    const show = (event: ProgressEvent): void => {
      onEvent?.(event)
      if (shows?.(event) ?? true) view.on(event)
    }
    const parallel = parallelLimit(globals)
    try {
      return await applyPlan(plan, this.driver, {
        onEvent: show,
        signal,
        now: monotonicMs,
        ...(parallel !== undefined && { parallel }),
      })
    } finally {
      await view.close()
    }
  }

  async #openProgress(plan: Plan, drawing: 'may-draw' | 'never-draw'): Promise<ProgressView> {
    const toStdout = isTrue(process.env.COMPOSE_STATUS_STDOUT)
    const { out, err, outIsTerminal, errIsTerminal } = this.output
    const write = toStdout ? out : err
    const mode = chooseProgressMode(this.progress, {
      isTerminal: toStdout ? outIsTerminal : errIsTerminal,
      paint: this.paintFor('err'),
    })
    if (mode !== 'tty' || drawing === 'never-draw') return openTextProgress(mode === 'tty' ? 'plain' : mode, write)
    const { openTtyProgress } = await import('../view/progress-tty.ts')
    const size = () => ({ columns: process.stderr.columns || 80, lines: process.stderr.rows || 24 })
    return openTtyProgress(resourcesOf(plan), {
      write,
      size,
      now: monotonicMs,
      paint: this.paintFor('err'),
    })
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

/** Not `performance`, which takes Node milliseconds to load. */
function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000
}
