import { ProjectCommand } from '../cli/project-command.ts'
import { planUnpause } from '../planner/pause.ts'

export default class Unpause extends ProjectCommand {
  static override summary = 'Unpause services'
  static override usage = 'unpause [SERVICE...]'

  override async run(): Promise<void> {
    const { flags } = await this.parse(Unpause)
    const subject = this.readSubject(flags, this.operands)
    const options = { services: this.operands }
    await this.changeNamed(subject, (observed) => planUnpause(subject, observed, options), { globals: flags })
  }
}
