import { Flags } from '@oclif/core'
import { integerFlag } from '../cli/flags.ts'
import { ProjectCommand } from '../cli/project-command.ts'
import { withinWaitLimit } from '../cli/wait-limit.ts'
import { planStart } from '../planner/start.ts'

export default class Start extends ProjectCommand {
  static override summary = 'Start services'
  static override usage = 'start [OPTIONS] [SERVICE...]'
  static override flags = {
    wait: Flags.boolean({ description: 'Wait for services to be running|healthy. Implies detached mode.' }),
    'wait-timeout': integerFlag({
      description: 'Maximum duration in seconds to wait for the project to be running|healthy',
    }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(Start)
    const subject = this.readSubject(flags, this.operands)
    const options = { services: this.operands, wait: flags.wait }
    await withinWaitLimit(flags['wait-timeout'], this.signal, (signal) =>
      this.changeNamed(subject, (observed) => planStart(subject, observed, options), {
        globals: flags,
        signal,
      }),
    )
  }
}
