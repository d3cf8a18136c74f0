import { ProjectCommand } from '../cli/project-command.ts'
import { planPause } from '../planner/pause.ts'

export default class Pause extends ProjectCommand {
  static override summary = 'Pause services'
  static override usage = 'pause [SERVICE...]'

  override async run(): Promise<void> {
    const { flags } = await this.parse(Pause)
    const subject = this.readSubject(flags, this.operands)
    const options = { services: this.operands }
    await this.changeNamed(subject, (observed) => planPause(subject, observed, options), { globals: flags })
  }
}
