import { Flags } from '@oclif/core'
import { ProjectCommand } from '../cli/project-command.ts'
import { withoutDependencies } from '../cli/without-dependencies.ts'
import { planServicePushes } from '../planner/push.ts'

export default class Push extends ProjectCommand {
  static override summary = 'Push service images'
  static override usage = 'push [OPTIONS] [SERVICE...]'
  static override flags = {
    'ignore-push-failures': Flags.boolean({
      description: 'Push what it can and ignores images with push failures',
    }),
    'include-deps': Flags.boolean({ description: 'Also push images of services declared as dependencies' }),
    quiet: Flags.boolean({ char: 'q', description: 'Push without printing progress information' }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(Push)
    const loaded = this.readProject(flags, { services: this.operands, skip: NOT_NEEDED })
    const project = flags['include-deps'] ? loaded : withoutDependencies(loaded, this.operands)
    const plan = planServicePushes(project, { ignoreFailures: flags['ignore-push-failures'] })
    await this.change(project.name, () => plan, {
      globals: flags,
      locks: false,
      // What could not be sent is still said.
      shows: ({ status }) => !flags.quiet || status === 'error',
    })
  }
}

/** What only containers need does not stand in the way of their images. */
const NOT_NEEDED = new Set(['env-resolution', 'container-names'] as const)
