/** What the commands that change or look at the containers of a project have in common: its files, and a driver. */
import type { Driver } from '../driver/driver.ts'
import { openDaemon, openDriver } from '../driver/open.ts'
import type { ApplyResult } from '../planner/apply.ts'
import type { Subject } from '../planner/scope.ts'
import { type ChangeOptions, makeChange, type Planner } from './change.ts'
import { chooseDriver } from './driver-choice.ts'
import { FileCommand } from './file-command.ts'
import type { GlobalFlags } from './global-flags.ts'
import type { ProgressSetting } from './progress.ts'
import { projectNameOf, requireServices } from './service-selection.ts'

export abstract class ProjectCommand extends FileCommand {
  #driver: Driver | undefined

  protected get driver(): Driver {
    this.#driver ??= openDriver(process.env)
    return this.#driver
  }

  protected override async prepare(globals: GlobalFlags): Promise<void> {
    if (chooseDriver(globals, process.env) === 'docker') this.#driver = await openDaemon(process.env, globals.context)
  }

  /** The same for the services that are named on the command line, which have to be there. */
  protected changeNamed(subject: Subject, planner: Planner, options: ChangeOptions): Promise<ApplyResult | undefined> {
    const named: Planner = (observed, ...rest) => {
      requireServices(this.operands, subject, observed.containers)
      return planner(observed, ...rest)
    }
    return this.change(projectNameOf(subject), named, options)
  }

  /** Plans and applies under the project's lock; with `--dry-run` the plan is shown instead. Undefined when nothing was applied. */
  protected change(projectName: string, planner: Planner, options: ChangeOptions): Promise<ApplyResult | undefined> {
    return makeChange(projectName, planner, options, {
      ...this.look,
      driver: this.driver,
      showDiagnostics: (diagnostics) => this.showDiagnostics(diagnostics),
      signal: this.signal,
    })
  }

  /** How progress is shown. */
  protected get look(): ProgressSetting {
    const { output, progress } = this
    return { output, progress, paintFor: (stream) => this.paintFor(stream) }
  }
}
