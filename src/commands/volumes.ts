import { Flags } from '@oclif/core'
import { stringFlag } from '../cli/flags.ts'
import { ProjectCommand } from '../cli/project-command.ts'
import { projectNameOf, requireServices, serviceOf } from '../cli/service-selection.ts'
import type { Observed, ObservedVolume } from '../driver/driver.ts'
import { isAlive } from '../planner/observed-containers.ts'
import { renderRows } from '../view/template.ts'
import { volumeColumns, volumeRow } from '../view/volume-rows.ts'

export default class Volumes extends ProjectCommand {
  static override summary = 'List volumes'
  static override usage = 'volumes [OPTIONS] [SERVICE...]'
  static override flags = {
    format: stringFlag({
      default: 'table',
      description:
        "Format output: 'table' (default), 'table TEMPLATE', 'json', or a TEMPLATE of fields such as {{.Name}}",
    }),
    quiet: Flags.boolean({ char: 'q', description: 'Only display volume names' }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(Volumes)
    const subject = this.readSubject(flags)
    const observed = await this.driver.observe(projectNameOf(subject), this.signal)
    if (this.operands.length > 0) requireServices(this.operands, subject, observed.containers)
    const volumes = [...select(observed, this.operands)].sort((a, b) => (a.volumeName < b.volumeName ? -1 : 1))
    if (flags.quiet) return this.answer(volumes.map(({ volumeName }) => `${volumeName}\n`).join(''))
    this.answer(renderRows(volumes.map(volumeRow), flags.format, volumeColumns))
  }
}

/** Those that the project made; of services, those that their running containers have. */
function select({ containers, volumes }: Observed, services: readonly string[]): readonly ObservedVolume[] {
  if (services.length === 0) return volumes
  const running = containers.filter((one) => services.includes(serviceOf(one)) && isAlive(one))
  const used = new Set(running.flatMap(({ mounts }) => mounts.map(({ name }) => name)))
  return volumes.filter(({ volumeName }) => used.has(volumeName))
}
