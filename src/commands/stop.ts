import { integerFlag } from '../cli/flags.ts'
import { ProjectCommand } from '../cli/project-command.ts'
import { timeoutOption } from '../cli/timeout.ts'
import { planStop } from '../planner/stop.ts'

export default class Stop extends ProjectCommand {
  static override summary = 'Stop services'
  static override usage = 'stop [OPTIONS] [SERVICE...]'
  static override flags = {
    timeout: integerFlag({ char: 't', description: 'Specify a shutdown timeout in seconds' }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(Stop)
    const subject = this.readSubject(flags, this.operands)
    const options = { services: this.operands, ...timeoutOption(flags.timeout) }
    await this.changeNamed(subject, (observed) => planStop(subject, observed, options), { globals: flags })
  }
}
