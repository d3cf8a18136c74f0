import { Refusal } from '../cli/failure.ts'
import { imageIdsOf } from '../cli/image-ids.ts'
import { readPlanFile } from '../cli/plan-file.ts'
import { ProjectCommand } from '../cli/project-command.ts'
import { movesSince } from '../planner/basis.ts'

export default class Apply extends ProjectCommand {
  static override summary = 'Do what a plan says that "plan -o" has kept'
  static override usage = 'apply [OPTIONS] FILE'
  static override operandCount = { least: 1, most: 1 }
  static override flags = {}

  /** Exactly that, or nothing: where something has changed since, it is not what was seen. */
  override async run(): Promise<void> {
    const { flags } = await this.parse(Apply)
    const [path = ''] = this.operands
    const { plan, basis } = readPlanFile(path)
    await this.change(
      plan.projectName,
      async (observed, driver) => {
        const moves = movesSince(basis, observed, await imageIdsOf(plan, driver, this.signal))
        if (moves.length > 0)
          throw new Refusal(
            `the plan does not fit any more: ${moves.join(', ')}`,
            `look at a new one: tscompose plan -o ${path}`,
          )
        return plan
      },
      { globals: flags },
    )
  }
}
