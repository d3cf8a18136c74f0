import { Flags } from '@oclif/core'
import { notYet } from '../cli/failure.ts'
import { FileCommand } from '../cli/file-command.ts'

export default class Push extends FileCommand {
  static override summary = 'Push service images (not yet)'
  static override usage = 'push [OPTIONS] [SERVICE...]'
  static override flags = {
    'ignore-push-failures': Flags.boolean({ description: 'Push what it can and ignores images with push failures' }),
    'include-deps': Flags.boolean({ description: 'Also push images of services declared as dependencies' }),
    quiet: Flags.boolean({ char: 'q', description: 'Push without printing progress information' }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(Push)
    this.readProject(flags, { services: this.operands })
    throw notYet(
      'pushing images to a registry',
      'write them to a file with "tscompose image save", and push that with another tool',
    )
  }
}
