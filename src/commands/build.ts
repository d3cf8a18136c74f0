import { Flags } from '@oclif/core'
import { notYet } from '../cli/failure.ts'
import { FileCommand } from '../cli/file-command.ts'
import { listFlag, stringFlag } from '../cli/flags.ts'

export default class Build extends FileCommand {
  static override summary = 'Build or rebuild services (not yet)'
  static override usage = 'build [OPTIONS] [SERVICE...]'
  static override flags = {
    'build-arg': listFlag({ description: 'Set build-time variables for services' }),
    builder: stringFlag({ description: 'Set builder to use' }),
    check: Flags.boolean({ description: 'Check build configuration' }),
    memory: stringFlag({
      char: 'm',
      helpValue: 'bytes',
      description: 'Set memory limit for the build container. Not supported by BuildKit.',
    }),
    'no-cache': Flags.boolean({ description: 'Do not use cache when building the image' }),
    print: Flags.boolean({ description: 'Print equivalent bake file' }),
    provenance: stringFlag({ description: 'Add a provenance attestation' }),
    pull: Flags.boolean({ description: 'Always attempt to pull a newer version of the image' }),
    push: Flags.boolean({ description: 'Push service images' }),
    quiet: Flags.boolean({ char: 'q', description: 'Suppress the build output' }),
    sbom: stringFlag({ description: 'Add a SBOM attestation' }),
    ssh: stringFlag({
      description:
        "Set SSH authentications used when building service images. (use 'default' for using your default SSH Agent)",
    }),
    'with-dependencies': Flags.boolean({ description: 'Also build dependencies (transitively)' }),
  }

  /** A project that has nothing to build is done. */
  override async run(): Promise<void> {
    const { flags } = await this.parse(Build)
    const { services } = this.readProject(flags, { services: this.operands })
    const meant = Object.keys(services).filter((name) => this.operands.length === 0 || this.operands.includes(name))
    const built = meant.find((name) => services[name]?.build)
    if (built === undefined) return this.output.err('No services to build\n')
    throw notYet(
      `building the image of service "${built}"`,
      'build it with another tool and bring it in with "tscompose image load"',
    )
  }
}
