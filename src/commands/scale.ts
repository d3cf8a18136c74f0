import { Flags } from '@oclif/core'
import { Refusal } from '../cli/failure.ts'
import { planCreation } from '../cli/plan-creation.ts'
import { ProjectCommand } from '../cli/project-command.ts'
import { withoutDependencies } from '../cli/without-dependencies.ts'

export default class Scale extends ProjectCommand {
  static override summary = 'Scale services'
  static override usage = 'scale [SERVICE=REPLICAS...]'
  static override operandCount = { least: 1, most: Number.POSITIVE_INFINITY }
  static override flags = {
    'no-deps': Flags.boolean({ description: "Don't start linked services" }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(Scale)
    const scale = Object.fromEntries(this.operands.map(readReplicas))
    const services = Object.keys(scale).sort()
    const loaded = this.readProject(flags, { services })
    const project = flags['no-deps'] ? withoutDependencies(loaded, services) : loaded
    const { first, planner } = planCreation(project, { services, scale }, this.signal)
    await this.change(project.name, planner, { globals: flags, first })
  }
}

function readReplicas(operand: string): readonly [string, number] {
  const equals = operand.indexOf('=')
  const hint = 'write SERVICE=REPLICAS, such as web=3'
  if (equals < 1) throw new Refusal(`invalid scale specifier: ${operand}`, hint)
  const count = operand.slice(equals + 1)
  if (!/^\d{1,9}$/.test(count))
    throw new Refusal(`invalid scale specifier: can't parse replica value as int: ${operand}`, hint)
  return [operand.slice(0, equals), Number(count)]
}
