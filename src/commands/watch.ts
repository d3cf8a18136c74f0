import { Flags } from '@oclif/core'
import { notYet, Refusal } from '../cli/failure.ts'
import { FileCommand } from '../cli/file-command.ts'

export default class Watch extends FileCommand {
  static override summary =
    'Watch build context for service and rebuild/refresh containers when files are updated (not yet)'
  static override usage = 'watch [SERVICE...]'
  static override flags = {
    'no-up': Flags.boolean({ description: 'Do not build & start services before watching' }),
    prune: Flags.boolean({ default: true, description: 'Prune dangling images on rebuild' }),
    quiet: Flags.boolean({ description: 'hide build output' }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(Watch)
    const { services } = this.readProject(flags, { services: this.operands })
    const watched = Object.keys(services).find((name) => services[name]?.develop)
    if (watched === undefined)
      throw new Refusal("none of the selected services is configured for watch, consider setting a 'develop' section")
    throw notYet(
      `watching the files of service "${watched}"`,
      `mount them into the container, and let go on with: tscompose restart ${watched}`,
    )
  }
}
