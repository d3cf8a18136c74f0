import { Flags } from '@oclif/core'
import { ask } from '../cli/ask.ts'
import { ProjectCommand } from '../cli/project-command.ts'
import type { Plan } from '../planner/plan.ts'
import { planRemove } from '../planner/stop.ts'

export default class Rm extends ProjectCommand {
  static override summary = 'Removes stopped service containers'
  static override usage = 'rm [OPTIONS] [SERVICE...]'
  static override flags = {
    all: Flags.boolean({ char: 'a', hidden: true, description: 'Deprecated - no effect' }),
    force: Flags.boolean({ char: 'f', description: "Don't ask to confirm removal" }),
    stop: Flags.boolean({ char: 's', description: 'Stop the containers, if required, before removing' }),
    volumes: Flags.boolean({ char: 'v', description: 'Remove any anonymous volumes attached to containers' }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(Rm)
    const subject = this.readSubject(flags, this.operands)
    const options = { services: this.operands, stop: flags.stop, volumes: flags.volumes }
    const confirmed = async (plan: Plan): Promise<Plan> => {
      const names = plan.steps.flatMap((step) => (step.kind === 'remove-container' ? [step.containerName] : []))
      if (flags['dry-run']) return plan
      if (names.length === 0) this.output.err('No stopped containers\n')
      else this.answer(`Going to remove ${names.join(', ')}\n`)
      const isMeant = names.length > 0 && (flags.force || (await ask('Are you sure? [yN] ', this.output)))
      return isMeant ? plan : { ...plan, steps: [] }
    }
    await this.changeNamed(subject, (observed) => confirmed(planRemove(subject, observed, options)), {
      globals: flags,
    })
  }
}
