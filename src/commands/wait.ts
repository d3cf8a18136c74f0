import { Flags } from '@oclif/core'
import { ExitStatus, Refusal } from '../cli/failure.ts'
import type { GlobalFlags } from '../cli/global-flags.ts'
import { ProjectCommand } from '../cli/project-command.ts'
import { projectNameOf, requireServices, serviceOf } from '../cli/service-selection.ts'
import type { ObservedContainer } from '../driver/driver.ts'
import { planDown } from '../planner/down.ts'
import type { Subject } from '../planner/scope.ts'

export default class Wait extends ProjectCommand {
  static override summary = 'Block until containers of all (or specified) services stop.'
  static override usage = 'wait SERVICE [SERVICE...] [OPTIONS]'
  static override operandCount = { least: 1, most: Number.POSITIVE_INFINITY }
  static override flags = {
    'down-project': Flags.boolean({ description: 'Drops project when the first container stops' }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(Wait)
    const subject = this.readSubject(flags)
    const { containers } = await this.driver.observe(projectNameOf(subject), this.signal)
    requireServices(this.operands, subject, containers)
    const awaited = containers.filter((one) => this.operands.includes(serviceOf(one)))
    if (awaited.length === 0) throw new Refusal(`no containers for project "${projectNameOf(subject)}": not found`)
    const others = new AbortController()
    const signal = AbortSignal.any([this.signal, others.signal])
    const ends = awaited.map((one) => this.#waitFor(one, signal))
    const first = (): Promise<number> => Promise.race(ends).finally(() => others.abort())
    const code = flags['down-project'] ? await this.#downAfter(first(), subject, flags) : await lastFailure(ends)
    if (code !== 0) throw new ExitStatus(code)
  }

  /** The first that ends takes the project with it, whatever the file says of its services, and tells how this command ends. */
  async #downAfter(first: Promise<number>, subject: Subject, globals: GlobalFlags): Promise<number> {
    const code = await first
    const projectName = projectNameOf(subject)
    await this.change(projectName, (observed) => planDown(projectName, observed, { removeOrphans: true }), { globals })
    return code
  }

  async #waitFor(container: ObservedContainer, signal: AbortSignal): Promise<number> {
    let last = container
    for await (const now of this.driver.watchContainer(container.containerId, signal)) {
      last = now
      if (now.status === 'exited' || now.status === 'dead') break
    }
    // Nobody waits for the others any more when one has ended the waiting.
    if (signal.aborted) return last.exitCode
    this.answer(`container ${JSON.stringify(last.containerName)} exited with status code ${last.exitCode}\n`)
    return last.exitCode
  }
}

/** The code of the one that ended last, as with Docker Compose, but a success after it doesn't hide a failure. */
async function lastFailure(ends: readonly Promise<number>[]): Promise<number> {
  let last = 0
  const remember = (code: number): void => {
    if (code !== 0) last = code
  }
  await Promise.all(ends.map((end) => end.then(remember)))
  return last
}
