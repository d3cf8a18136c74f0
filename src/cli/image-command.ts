/** What the commands that bring images to and from registries have in common: a driver, and no files of any project. */
import { BaseCommand } from '../base-command.ts'
import { openDriver } from '../driver/open.ts'
import type { ApplyResult } from '../planner/apply.ts'
import type { Plan } from '../planner/plan.ts'
import { type ChangeOptions, makeChange } from './change.ts'

export abstract class ImageCommand extends BaseCommand {
  /** With `--dry-run` the plan is shown instead. Undefined when nothing was applied. */
  protected carryOut(plan: Plan, options: Omit<ChangeOptions, 'locks'>): Promise<ApplyResult | undefined> {
    return makeChange(
      '',
      () => plan,
      { ...options, locks: false },
      {
        driver: openDriver(process.env),
        output: this.output,
        paintFor: (stream) => this.paintFor(stream),
        progress: this.progress,
        showDiagnostics: (diagnostics) => this.showDiagnostics(diagnostics),
        signal: this.signal,
      },
    )
  }
}
