import { planCreation } from '../cli/plan-creation.ts'
import { ProjectCommand } from '../cli/project-command.ts'
import {
  createFlags,
  creationOptions,
  refuseBuild,
  refuseContradictions,
  removesOrphans,
  showsPulls,
} from '../cli/up-flags.ts'

export default class Create extends ProjectCommand {
  static override summary = 'Creates containers for a service'
  static override usage = 'create [OPTIONS] [SERVICE...]'
  static override flags = createFlags

  override async run(): Promise<void> {
    const { flags } = await this.parse(Create)
    refuseContradictions(flags)
    const project = this.readProject(flags, { services: this.operands })
    refuseBuild(flags, project, this.driver)
    const options = {
      ...creationOptions(flags, project, this.operands),
      removeOrphans: removesOrphans(flags, this.written),
      start: false,
    }
    const { first, planner } = planCreation(project, options, this.signal)
    await this.change(project.name, planner, { globals: flags, first, shows: showsPulls(flags) })
  }
}
