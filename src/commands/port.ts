import { Refusal } from '../cli/failure.ts'
import { integerFlag, stringFlag } from '../cli/flags.ts'
import { ProjectCommand } from '../cli/project-command.ts'
import { projectNameOf, requireRunning, requireServices } from '../cli/service-selection.ts'

export default class Port extends ProjectCommand {
  static override summary = 'Print the public port for a port binding'
  static override usage = 'port [OPTIONS] SERVICE PRIVATE_PORT'
  static override operandCount = { least: 2, most: 2 }
  static override flags = {
    index: integerFlag({ description: 'Index of the container if service has multiple replicas' }),
    protocol: stringFlag({ default: 'tcp', options: ['tcp', 'udp'], description: 'tcp or udp' }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(Port)
    const [serviceName = '', text = ''] = this.operands
    const [, digits, suffix = flags.protocol] = /^(\d+)(?:\/(tcp|udp))?$/.exec(text) ?? []
    if (digits === undefined)
      throw new Refusal(`invalid port ${JSON.stringify(text)}`, 'give the port inside the container, such as 80')
    const subject = this.readSubject(flags)
    const { containers } = await this.driver.observe(projectNameOf(subject), this.signal)
    requireServices([serviceName], subject, containers)
    const container = requireRunning(containers, { serviceName, index: flags.index ?? 0 })
    const found = container.ports.find(
      (port) => port.target === Number(digits) && port.protocol === suffix && port.published !== 0,
    )
    if (!found) throw new Refusal(`no port ${digits}/${suffix} for container ${container.containerName}`)
    this.answer(`${found.hostIp.includes(':') ? `[${found.hostIp}]` : found.hostIp}:${found.published}\n`)
  }
}
