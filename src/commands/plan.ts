import { ExitStatus } from '../cli/failure.ts'
import { stringFlag } from '../cli/flags.ts'
import { imageIdsOf } from '../cli/image-ids.ts'
import { planCreation } from '../cli/plan-creation.ts'
import { writePlanFile } from '../cli/plan-file.ts'
import { ProjectCommand } from '../cli/project-command.ts'
import { refuseStartContradictions, selected, startFlags, startOptions } from '../cli/start-flags.ts'
import { createFlags, refuseContradictions } from '../cli/up-flags.ts'
import { basisOf } from '../planner/basis.ts'
import { joinPlans } from '../planner/join.ts'
import { isEmpty } from '../planner/plan.ts'
import { renderPlan } from '../view/plan.ts'
import { renderPlanJson } from '../view/plan-json.ts'

/** What a script learns besides an error: there is something to do. */
const CHANGES = 2

export default class Plan extends ProjectCommand {
  static override summary = 'Show what up would do and why: exit code 0 for nothing, 2 for changes'
  static override usage = 'plan [OPTIONS] [SERVICE...]'
  static override flags = {
    ...createFlags,
    ...startFlags,
    format: stringFlag({
      default: 'text',
      options: ['text', 'json'],
      description: 'Format the output. Values: [text | json]',
    }),
    output: stringFlag({ char: 'o', description: 'Keep the plan in a file, for "apply"' }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(Plan)
    refuseContradictions(flags)
    refuseStartContradictions(flags)
    const { operands: services, written, driver, signal } = this
    const project = selected(this.readProject(flags, { services }), flags, { services, driver: this.driver })
    const { first, planner } = planCreation(project, startOptions(flags, project, { services, written }), signal)
    const observed = await driver.observe(project.name, signal)
    const pulls = await first(observed, driver)
    const plan = joinPlans(pulls, await planner(observed, driver, pulls))
    this.showDiagnostics(plan.warnings)
    this.output.out(flags.format === 'json' ? renderPlanJson(plan) : renderPlan(plan, this.paintFor('out')))
    if (flags.output && !flags['dry-run'])
      await writePlanFile(flags.output, { plan, basis: basisOf(observed, await imageIdsOf(plan, driver, signal)) })
    if (!isEmpty(plan)) throw new ExitStatus(CHANGES)
  }
}
