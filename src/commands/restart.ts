import { Flags } from '@oclif/core'
import { integerFlag } from '../cli/flags.ts'
import { ProjectCommand } from '../cli/project-command.ts'
import { timeoutOption } from '../cli/timeout.ts'
import { planRestart } from '../planner/start.ts'

export default class Restart extends ProjectCommand {
  static override summary = 'Restart service containers'
  static override usage = 'restart [OPTIONS] [SERVICE...]'
  static override flags = {
    'no-deps': Flags.boolean({ description: "Don't restart dependent services" }),
    timeout: integerFlag({ char: 't', description: 'Specify a shutdown timeout in seconds' }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(Restart)
    const subject = this.readSubject(flags, this.operands)
    const options = { services: this.operands, dependents: !flags['no-deps'], ...timeoutOption(flags.timeout) }
    await this.changeNamed(subject, (observed) => planRestart(subject, observed, options), { globals: flags })
  }
}
