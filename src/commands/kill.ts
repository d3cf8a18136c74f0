import { Flags } from '@oclif/core'
import { stringFlag } from '../cli/flags.ts'
import { ProjectCommand } from '../cli/project-command.ts'
import type { Observed } from '../driver/driver.ts'
import type { Plan } from '../planner/plan.ts'
import { planKill } from '../planner/stop.ts'

export default class Kill extends ProjectCommand {
  static override summary = 'Force stop service containers'
  static override usage = 'kill [OPTIONS] [SERVICE...]'
  static override flags = {
    'remove-orphans': Flags.boolean({ description: 'Remove containers for services not defined in the Compose file' }),
    signal: stringFlag({ char: 's', default: 'SIGKILL', description: 'SIGNAL to send to the container' }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(Kill)
    const subject = this.readSubject(flags, this.operands)
    const options = { services: this.operands, signalName: flags.signal, removeOrphans: flags['remove-orphans'] }
    const plan = (observed: Observed): Plan => {
      const kills = planKill(subject, observed, options)
      if (kills.steps.length === 0) this.output.err('no container to kill\n')
      return kills
    }
    await this.changeNamed(subject, plan, { globals: flags })
  }
}
