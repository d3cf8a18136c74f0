import type { GlobalFlags } from '../../cli/global-flags.ts'
import { ProjectCommand } from '../../cli/project-command.ts'
import { LABEL, type ObservedContainer } from '../../driver/driver.ts'
import { ApplyError, type StepFailure } from '../../planner/apply-error.ts'
import { planBoot } from '../../planner/boot.ts'

export default class SystemBoot extends ProjectCommand {
  static override summary = 'Start what its restart policy wants to run after a start of the machine'
  static override usage = 'system boot [OPTIONS]'
  static override operandCount = { least: 0, most: 0 }

  override async run(): Promise<void> {
    const { flags } = await this.parse(SystemBoot)
    const stranded = await this.driver.findStranded(this.signal)
    const outcomes = await Promise.allSettled(
      [...byProject(stranded)].map(([projectName, ids]) => this.#bringBack(projectName, ids, flags)),
    )
    throwFailures(outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : [])))
  }

  async #bringBack(projectName: string, ids: ReadonlySet<string>, globals: GlobalFlags): Promise<void> {
    await this.change(projectName, (observed) => planBoot(projectName, observed, ids), { globals, keepScroll: true })
  }
}

/** One that is nobody's is started by nobody. */
function byProject(containers: readonly ObservedContainer[]): ReadonlyMap<string, ReadonlySet<string>> {
  const projects = new Map<string, Set<string>>()
  for (const { containerId, labels } of containers) {
    const projectName = labels[LABEL.project]
    if (projectName === undefined) continue
    projects.set(projectName, (projects.get(projectName) ?? new Set()).add(containerId))
  }
  return projects
}

/** Each project is tried, whatever becomes of the others. */
function throwFailures(errors: readonly unknown[]): void {
  const other = errors.find((error) => !(error instanceof ApplyError))
  if (other !== undefined) throw other
  const failures: StepFailure[] = errors.flatMap((error) => (error instanceof ApplyError ? error.failures : []))
  const [first, ...others] = failures
  if (first !== undefined) throw new ApplyError([first, ...others])
}
