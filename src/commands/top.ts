import { ProjectCommand } from '../cli/project-command.ts'
import { isOneOff, numberOf, projectNameOf, requireServices, serviceOf } from '../cli/service-selection.ts'
import type { ObservedContainer } from '../driver/driver.ts'
import { type ContainerProcesses, renderProcesses } from '../view/process-table.ts'

export default class Top extends ProjectCommand {
  static override summary = 'Display the running processes'
  static override usage = 'top [SERVICES...]'

  override async run(): Promise<void> {
    const { flags } = await this.parse(Top)
    const subject = this.readSubject(flags)
    const { containers } = await this.driver.observe(projectNameOf(subject), this.signal)
    if (this.operands.length > 0) requireServices(this.operands, subject, containers)
    const meant = containers
      .filter((one) => this.operands.length === 0 || this.operands.includes(serviceOf(one)))
      .sort(byService)
    this.answer(renderProcesses(await Promise.all(meant.map((one) => this.#look(one))), Date.now()))
  }

  async #look(container: ObservedContainer): Promise<ContainerProcesses> {
    const processes = await this.driver.listProcesses(container.containerId, this.signal)
    const number = isOneOff(container) ? '-' : String(numberOf(container))
    return { serviceName: serviceOf(container), number, processes }
  }
}

function byService(a: ObservedContainer, b: ObservedContainer): number {
  if (serviceOf(a) !== serviceOf(b)) return serviceOf(a) < serviceOf(b) ? -1 : 1
  return numberOf(a) - numberOf(b)
}
