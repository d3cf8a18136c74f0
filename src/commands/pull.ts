import { Flags } from '@oclif/core'
import { stringFlag } from '../cli/flags.ts'
import { ProjectCommand } from '../cli/project-command.ts'
import { lookAround } from '../cli/surroundings.ts'
import { withoutDependencies } from '../cli/without-dependencies.ts'
import type { Project } from '../model/project.ts'
import { ApplyError } from '../planner/apply-error.ts'
import type { ProgressEvent } from '../planner/progress.ts'
import { planServicePulls } from '../planner/pull.ts'

export default class Pull extends ProjectCommand {
  static override summary = 'Pull service images'
  static override usage = 'pull [OPTIONS] [SERVICE...]'
  static override flags = {
    'ignore-buildable': Flags.boolean({ description: 'Ignore images that can be built' }),
    'ignore-pull-failures': Flags.boolean({
      description: 'Pull what it can and ignores images with pull failures',
    }),
    'include-deps': Flags.boolean({ description: 'Also pull services declared as dependencies' }),
    'no-parallel': Flags.boolean({ hidden: true, description: 'DEPRECATED disable parallel pulling' }),
    policy: stringFlag({ description: 'Apply pull policy ("missing"|"always")' }),
    quiet: Flags.boolean({ char: 'q', description: 'Pull without printing progress information' }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(Pull)
    const loaded = this.readProject(flags, { services: this.operands, skip: NOT_NEEDED })
    const project = flags['include-deps'] ? loaded : withoutDependencies(loaded, this.operands)
    const { signal } = this
    const options = {
      ignoreBuildable: flags['ignore-buildable'],
      ignoreFailures: flags['ignore-pull-failures'],
      ...(flags.policy === undefined ? {} : { policy: flags.policy }),
    }
    const failed = new Set<string>()
    const onEvent = ({ status, resource }: ProgressEvent): void => {
      if (status === 'error') failed.add(resource)
    }
    try {
      await this.change(
        project.name,
        async (observed, driver) => {
          const surroundings = await lookAround({ driver, project, observed, signal })
          return planServicePulls(project, { ...options, surroundings })
        },
        {
          globals: flags,
          locks: false,
          onEvent,
          // Without progress, what could not be had is still said.
          shows: ({ currentBytes }) => !(flags.quiet && currentBytes !== undefined),
        },
      )
    } catch (error) {
      if (error instanceof ApplyError) this.#tellOfBuilds(project, failed)
      throw error
    }
    this.#tellOfBuilds(project, failed)
  }

  #tellOfBuilds({ services }: Project, failed: ReadonlySet<string>): void {
    const buildable = [...failed].filter((name) => services[name]?.build !== undefined)
    if (buildable.length === 0) return
    this.output.err(
      `WARNING: Some service image(s) must be built from source by running:\n    tscompose build ${buildable.join(' ')}\n`,
    )
  }
}

/** What only containers need does not stand in the way of their images. */
const NOT_NEEDED = new Set(['env-resolution', 'container-names'] as const)
