import { join } from 'node:path'
import { Flags, type Interfaces } from '@oclif/core'
import {
  abortOn,
  attachFlags,
  exitCodeFrom,
  isDetached,
  refuseAttachContradictions,
  servicesToShow,
} from '../cli/attach-flags.ts'
import { runAttached } from '../cli/attached-up.ts'
import { isTold, shortNameOf } from '../cli/attaching.ts'
import type { ChangeOptions } from '../cli/change.ts'
import { ExitStatus } from '../cli/failure.ts'
import { fileReader } from '../cli/file-reader.ts'
import type { GlobalFlags } from '../cli/global-flags.ts'
import { openHookLines } from '../cli/log/hook-lines.ts'
import { openMenu, wantsMenu } from '../cli/menu.ts'
import { isTerminal } from '../cli/output.ts'
import { type Creation, planCreation } from '../cli/plan-creation.ts'
import type { Program } from '../cli/program.ts'
import { ProjectCommand } from '../cli/project-command.ts'
import { noting } from '../cli/settled/inquiry.ts'
import { outputsOf } from '../cli/settled/question.ts'
import { refuseStartContradictions, selected, startFlags, startOptions } from '../cli/start-flags.ts'
import { timeoutOption } from '../cli/timeout.ts'
import { createFlags, refuseContradictions, showsPulls } from '../cli/up-flags.ts'
import { withinWaitLimit } from '../cli/wait-limit.ts'
import { EXIT } from '../diagnostic.ts'
import type { Project } from '../model/project.ts'
import type { Plan } from '../planner/plan.ts'
import { NOBODY } from '../planner/run-hooks.ts'
import { planStop } from '../planner/stop.ts'
import { createLogLines } from '../view/log-lines.ts'
import { plainPaint } from '../view/paint.ts'

export default class Up extends ProjectCommand {
  static override summary = 'Create and start containers'
  static override usage = 'up [OPTIONS] [SERVICE...]'
  static override flags = {
    ...createFlags,
    ...attachFlags,
    ...startFlags,
    'quiet-build': Flags.boolean({ description: 'Suppress the build output' }),
  }

  #noted = noting(fileReader)

  override async run(): Promise<void> {
    const { flags } = await this.parse(Up)
    refuseContradictions(flags)
    refuseStartContradictions(flags)
    refuseAttachContradictions(flags)
    this.reader = this.#noted.reader
    const project = selected(this.readProject(flags, { services: this.operands }), flags, {
      services: this.operands,
      driver: this.driver,
    })
    if (isDetached(flags) || flags['no-start'] || flags['dry-run']) return this.#detached(flags, project)
    const end = { inIsTerminal: isTerminal(0), output: this.output }
    if (!wantsMenu(this.written.has('menu') ? flags.menu : undefined, end)) return this.#attached(flags, project)
    await this.#withMenu(flags, project)
  }

  async #withMenu(flags: UpFlags, project: Project): Promise<void> {
    const { output } = this
    const menu = openMenu({
      output,
      paint: this.paintFor('out'),
      columns: () => process.stdout.columns || 80,
      keyboard: process.stdin,
      // A key's signal goes to all that the terminal is in front of.
      signal: (name) => process.kill(0, name),
    })
    try {
      this.output = menu.output
      await this.#attached(flags, project, menu.left)
    } finally {
      menu.close()
      this.output = output
    }
  }

  async #detached(flags: UpFlags, project: Project): Promise<void> {
    const { first, planner } = this.#creation(flags, project)
    await withinWaitLimit(flags['wait-timeout'], this.signal, (signal) =>
      this.change(project.name, planner, {
        globals: flags,
        signal,
        first,
        shows: showsPulls(flags),
        onPlan: (plan) => this.#keepNote(project, plan),
      }),
    )
  }

  /** A warning has to be said again, and only our own runtime leaves its traces where they can be looked at. */
  async #keepNote(project: Project, plan: Plan): Promise<void> {
    if (plan.steps.length > 0 || this.hasWarned || this.driver.kind !== 'native') return
    const { root, words } = this.config as unknown as Program
    const { keepNote } = await import('../cli/settled/keep.ts')
    await keepNote({
      question: { root, cwd: process.cwd(), outputs: outputsOf(this.output), words, environment: process.env },
      inquiry: this.#noted.inquiry(),
      project,
      plan,
      look: this.look,
      program: join(root, 'dist', 'main.cjs'),
    })
  }

  #creation(flags: UpFlags, project: Project): Creation {
    const { operands: services, written } = this
    const options = { ...startOptions(flags, project, { services, written }), wait: flags.wait }
    return planCreation(project, options, this.signal)
  }

  async #attached(flags: UpFlags, project: Project, left?: AbortSignal): Promise<void> {
    const { signal, interruption, output } = this
    const { first, planner } = this.#creation(flags, project)
    const lines = createLogLines({
      paint: flags['no-color'] ? plainPaint : this.paintFor('out'),
      prefix: !flags['no-log-prefix'],
      timestamps: flags.timestamps,
    })
    const hooks = openHookLines(({ containerName, serviceName }, text) =>
      output.out(lines.hook(shortNameOf(containerName, `${project.name}-`, serviceName), text)),
    )
    const exitCode = await runAttached({
      driver: this.driver,
      projectName: project.name,
      interruption,
      left,
      lines,
      write: { stdout: output.out, stderr: output.err },
      say: (message) => output.err(`${message}\n`),
      shown: servicesToShow(flags, project, this.operands),
      awaited: this.operands,
      abortOn: abortOn(flags),
      exitCodeFrom: exitCodeFrom(flags, project),
      start: ({ onRunning, ...watching }) =>
        this.change(project.name, planner, {
          ...watching,
          globals: flags,
          signal,
          first,
          shows: (event) => isTold(event) && showsPulls(flags)(event),
          keepScroll: true,
          hookListener: { onRunning, onOutput: hooks.take },
        }),
      stop: (last) => this.#stop(flags, project, { signal: last, hookListener: { ...NOBODY, onOutput: hooks.take } }),
    }).finally(hooks.end)
    if (exitCode !== EXIT.done) throw new ExitStatus(exitCode)
  }

  async #stop(flags: UpFlags, project: Project, asked: Pick<ChangeOptions, 'signal' | 'hookListener'>): Promise<void> {
    const options = { services: this.operands, ...timeoutOption(flags.timeout) }
    await this.change(project.name, (observed) => planStop(project, observed, options), {
      ...asked,
      globals: flags,
      keepScroll: true,
    })
  }
}

type UpFlags = GlobalFlags & Interfaces.InferredFlags<typeof Up.flags>
