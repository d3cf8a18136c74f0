import { attached } from '../cli/attachment.ts'
import { chooseDetachKeys } from '../cli/detach-keys.ts'
import { knownSize } from '../cli/exec-terminal.ts'
import { ExitStatus } from '../cli/failure.ts'
import { withHooks } from '../cli/hooks-beside.ts'
import { noSuchService } from '../cli/no-such-service.ts'
import { isTerminal } from '../cli/output.ts'
import { planCreation } from '../cli/plan-creation.ts'
import { ProjectCommand } from '../cli/project-command.ts'
import { type RunFlags, refuseRunBuild, refuseRunContradictions, runFlags, wantsTerminal } from '../cli/run-flags.ts'
import { overridden } from '../cli/run-overrides.ts'
import { buildOption, removesOrphans, showsPulls } from '../cli/up-flags.ts'
import { withoutDependencies } from '../cli/without-dependencies.ts'
import { randomHex } from '../digests.ts'
import type { Project, Service } from '../model/project.ts'
import { hooksOf } from '../planner/hooks.ts'
import type { PullPolicy } from '../planner/options.ts'
import { type OneOff, planRun } from '../planner/run.ts'

export default class Run extends ProjectCommand {
  static override summary = 'Run a one-off command on a service'
  static override usage = 'run [OPTIONS] SERVICE [COMMAND] [ARGS...]'
  static override interspersed = false
  static override operandCount = { least: 1, most: Number.POSITIVE_INFINITY }
  static override flags = runFlags

  override async run(): Promise<void> {
    const { flags } = await this.parse(Run)
    refuseRunContradictions(flags, this.written)
    const [serviceName = '', ...command] = this.operands
    const loaded = this.readProject(flags, { services: [serviceName] })
    const project = flags['no-deps'] ? withoutDependencies(loaded, [serviceName]) : loaded
    const declared = project.services[serviceName]
    if (!declared) throw noSuchService(serviceName, Object.keys(project.services))
    if (declared.build) refuseRunBuild(flags, serviceName, this.driver)
    const ends = { outIsTerminal: this.output.outIsTerminal, inIsTerminal: isTerminal(0) }
    const tty = wantsTerminal(flags, this.written, ends)
    const service = overridden({ project, service: declared, flags, command, tty })
    const oneOff = oneOffOf(project, { serviceName, service, flags })
    const containerId = await this.#make(project, oneOff, flags)
    if (containerId === undefined) return
    if (flags.detach) return this.output.out(`${containerId}\n`)
    const hooks = hooksOf({ ...project, services: { [serviceName]: service } })(serviceName, 'post_start')
    const site = { containerId, containerName: oneOff.containerName, serviceName }
    await withHooks({ driver: this.driver, hooks, site }, () => this.#follow(containerId, flags, tty))
  }

  /** Everything but the start of what is to be listened to; undefined when nothing was done. */
  async #make(project: Project, oneOff: OneOff, flags: RunFlags): Promise<string | undefined> {
    const options = {
      removeOrphans: removesOrphans(flags, this.written),
      pull: flags.pull as PullPolicy,
      ...buildOption(flags),
    }
    const { first, planner } = planCreation(project, options, this.signal, (_, observed, wanted) =>
      planRun(project, observed, { ...wanted, oneOff }),
    )
    const showsPull = showsPulls(flags)
    const own = `Container ${oneOff.containerName}`
    const result = await this.change(project.name, planner, {
      globals: flags,
      first,
      shows: (event) => !flags.quiet && event.resource !== own && showsPull(event),
    })
    return result?.containerIds.get(oneOff.containerName)
  }

  async #follow(containerId: string, flags: RunFlags, tty: boolean): Promise<void> {
    // From here on signals are the program's.
    this.interruption.release()
    const attachment = {
      output: this.output,
      keys: chooseDetachKeys(undefined, process.env),
      stdin: flags.interactive,
      tty,
      redraw: false,
      passesSignals: true,
      signal: this.signal,
    }
    let left = false
    try {
      const code = await attached(attachment, (streams, signal) =>
        this.driver.startAttached(containerId, streams, signal),
      )
      left = code === undefined
      if (code) throw new ExitStatus(code)
    } finally {
      if (flags.rm && !left)
        await this.driver.removeContainer(containerId, { anonymousVolumes: true }, new AbortController().signal)
    }
  }
}

interface Wish {
  readonly serviceName: string
  readonly service: Service
  readonly flags: RunFlags
}

function oneOffOf(project: Project, { serviceName, service, flags }: Wish): OneOff {
  const slug = randomHex(32)
  return {
    serviceName,
    service,
    slug,
    containerName: flags.name || `${project.name}-${serviceName}-run-${slug.slice(0, 12)}`,
    aliases: flags['use-aliases'],
    autoRemove: flags.rm,
    ...(service.tty && knownSize()),
    // What would be started to be listened to is started as well.
    start: flags.detach || flags['dry-run'],
  }
}
