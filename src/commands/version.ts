import { Flags } from '@oclif/core'
import packageJson from '../../package.json' with { type: 'json' }
import { BaseCommand } from '../base-command.ts'
import { stringFlag } from '../cli/flags.ts'

export default class Version extends BaseCommand {
  static override summary = 'Show the tscompose version information'
  static override usage = 'version [OPTIONS]'
  static override operandCount = { least: 0, most: 0 }
  static override flags = {
    format: stringFlag({
      char: 'f',
      description: 'Format the output. Values: [pretty | json]. (Default: pretty)',
      options: ['pretty', 'json'],
    }),
    short: Flags.boolean({ description: "Shows only tscompose's version number" }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(Version)
    const { version } = packageJson
    if (flags.short) return this.output.out(`${version}\n`)
    if (flags.format === 'json') return this.output.out(`${JSON.stringify({ version: `v${version}` })}\n`)
    this.output.out(`tscompose version v${version}\n`)
  }
}
