import { Flags, type Interfaces } from '@oclif/core'
import { abortOn, attachFlags, isDetached, refuseAttachContradictions, servicesToShow } from '../cli/attach-flags.ts'
import { runAttached } from '../cli/attached-up.ts'
import { isTold } from '../cli/attaching.ts'
import { ExitStatus, Refusal } from '../cli/failure.ts'
import { integerFlag } from '../cli/flags.ts'
import type { GlobalFlags } from '../cli/global-flags.ts'
import { type Creation, planCreation } from '../cli/plan-creation.ts'
import { ProjectCommand } from '../cli/project-command.ts'
import { timeoutOption } from '../cli/timeout.ts'
import {
  createFlags,
  creationOptions,
  recreateStrategy,
  refuseBuild,
  refuseContradictions,
  removesOrphans,
  showsPulls,
} from '../cli/up-flags.ts'
import { withinWaitLimit } from '../cli/wait-limit.ts'
import { withoutDependencies } from '../cli/without-dependencies.ts'
import { EXIT } from '../diagnostic.ts'
import type { Project } from '../model/project.ts'
import { planStop } from '../planner/stop.ts'
import { createLogLines } from '../view/log-lines.ts'
import { plainPaint } from '../view/paint.ts'

export default class Up extends ProjectCommand {
  static override summary = 'Create and start containers'
  static override usage = 'up [OPTIONS] [SERVICE...]'
  static override flags = {
    ...createFlags,
    ...attachFlags,
    'always-recreate-deps': Flags.boolean({
      description: 'Recreate dependent containers. Incompatible with --no-recreate.',
    }),
    'no-deps': Flags.boolean({ description: "Don't start linked services" }),
    'no-start': Flags.boolean({ description: "Don't start the services after creating them" }),
    'quiet-build': Flags.boolean({ description: 'Suppress the build output' }),
    'renew-anon-volumes': Flags.boolean({
      char: 'V',
      description: 'Recreate anonymous volumes instead of retrieving data from the previous containers',
    }),
    timeout: integerFlag({
      char: 't',
      description:
        'Use this timeout in seconds for container shutdown when attached or when containers are already running',
    }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(Up)
    refuseContradictions(flags)
    refuseUpContradictions(flags)
    refuseAttachContradictions(flags)
    const loaded = this.readProject(flags, { services: this.operands })
    const project = flags['no-deps'] ? withoutDependencies(loaded, this.operands) : loaded
    refuseBuild(flags, project)
    if (Object.keys(project.services).length === 0 && !flags['all-resources']) throw new Refusal('no service selected')
    if (isDetached(flags) || flags['no-start'] || flags['dry-run']) return this.#detached(flags, project)
    await this.#attached(flags, project)
  }

  async #detached(flags: UpFlags, project: Project): Promise<void> {
    const { first, planner } = this.#creation(flags, project)
    await withinWaitLimit(flags['wait-timeout'], this.signal, (signal) =>
      this.change(project.name, planner, {
        globals: flags,
        signal,
        first,
        shows: showsPulls(flags),
      }),
    )
  }

  #creation(flags: UpFlags, project: Project): Creation {
    const options = {
      ...creationOptions(flags, project, this.operands),
      removeOrphans: removesOrphans(flags, this.written),
      renewAnonymousVolumes: flags['renew-anon-volumes'],
      recreateDependencies: flags['always-recreate-deps'] ? 'force' : recreateStrategy(flags),
      start: !flags['no-start'],
      wait: flags.wait,
      ...timeoutOption(flags.timeout),
    } as const
    return planCreation(project, options, this.signal)
  }

  async #attached(flags: UpFlags, project: Project): Promise<void> {
    const { signal, interruption, output } = this
    const { first, planner } = this.#creation(flags, project)
    const exitCode = await runAttached({
      driver: this.driver,
      projectName: project.name,
      interruption,
      lines: createLogLines({
        paint: flags['no-color'] ? plainPaint : this.paintFor('out'),
        prefix: !flags['no-log-prefix'],
        timestamps: flags.timestamps,
      }),
      write: { stdout: output.out, stderr: output.err },
      say: (message) => output.err(`${message}\n`),
      shown: servicesToShow(flags, project, this.operands),
      awaited: this.operands,
      abortOn: abortOn(flags),
      exitCodeFrom: flags['exit-code-from'],
      start: (watching) =>
        this.change(project.name, planner, {
          ...watching,
          globals: flags,
          signal,
          first,
          shows: (event) => isTold(event) && showsPulls(flags)(event),
          keepScroll: true,
        }),
      stop: (last) => this.#stop(flags, project, last),
    })
    if (exitCode !== EXIT.done) throw new ExitStatus(exitCode)
  }

  async #stop(flags: UpFlags, project: Project, signal: AbortSignal): Promise<void> {
    const options = { services: this.operands, ...timeoutOption(flags.timeout) }
    await this.change(project.name, (observed) => planStop(project, observed, options), {
      globals: flags,
      signal,
      keepScroll: true,
    })
  }
}

function refuseUpContradictions(flags: UpFlags): void {
  if (!flags['no-recreate']) return
  if (flags['renew-anon-volumes']) throw new Refusal('--no-recreate and --renew-anon-volumes are incompatible')
  if (flags['always-recreate-deps']) throw new Refusal('--always-recreate-deps and --no-recreate are incompatible')
}

type UpFlags = GlobalFlags & Interfaces.InferredFlags<typeof Up.flags>
