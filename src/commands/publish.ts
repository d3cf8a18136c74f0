import { Flags } from '@oclif/core'
import { notYet } from '../cli/failure.ts'
import { FileCommand } from '../cli/file-command.ts'
import { stringFlag } from '../cli/flags.ts'

export default class Publish extends FileCommand {
  static override summary = 'Publish compose application (not yet)'
  static override usage = 'publish [OPTIONS] REPOSITORY[:TAG]'
  static override operandCount = { least: 1, most: 1 }
  static override flags = {
    app: Flags.boolean({ description: 'Published compose application (includes referenced images)' }),
    'oci-version': stringFlag({
      description: 'OCI image/artifact specification version (automatically determined by default)',
    }),
    'resolve-image-digests': Flags.boolean({ description: 'Pin image tags to digests' }),
    'with-env': Flags.boolean({ description: 'Include environment variables in the published OCI artifact' }),
    yes: Flags.boolean({ char: 'y', description: 'Assume "yes" as answer to all prompts' }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(Publish)
    this.readProject(flags)
    throw notYet('publishing a project to a registry', 'write it whole with "tscompose config -o FILE", and share that')
  }
}
