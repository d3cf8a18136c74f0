import { writeFileSync } from 'node:fs'
import { Flags, type Interfaces } from '@oclif/core'
import { hashesOf, type ListKind, listOf } from '../cli/config-lists.ts'
import { notYet } from '../cli/failure.ts'
import { FileCommand } from '../cli/file-command.ts'
import { stringFlag } from '../cli/flags.ts'
import type { GlobalFlags } from '../cli/global-flags.ts'
import { renderJson, renderModelJson, renderModelYaml, renderYaml } from '../model/render.ts'
import type { SkippablePhase } from '../model/settings.ts'

export default class Config extends FileCommand {
  static override summary = 'Parse, resolve and render compose file in canonical format'
  static override usage = 'config [OPTIONS] [SERVICE...]'
  static override flags = {
    environment: Flags.boolean({ description: 'Print environment used for interpolation.' }),
    format: stringFlag({
      default: 'yaml',
      options: ['yaml', 'json'],
      description: 'Format the output. Values: [yaml | json]',
    }),
    hash: stringFlag({ description: 'Print the service config hash, one per line.' }),
    images: Flags.boolean({ description: 'Print the image names, one per line.' }),
    'lock-image-digests': Flags.boolean({ description: 'Produces an override file with image digests' }),
    models: Flags.boolean({ description: 'Print the model names, one per line.' }),
    networks: Flags.boolean({ description: 'Print the network names, one per line.' }),
    'no-consistency': Flags.boolean({
      description: "Don't check model consistency - warning: may produce invalid Compose output",
    }),
    'no-env-resolution': Flags.boolean({ description: "Don't resolve service env files" }),
    'no-interpolate': Flags.boolean({ description: "Don't interpolate environment variables" }),
    'no-normalize': Flags.boolean({ description: "Don't normalize compose model" }),
    'no-path-resolution': Flags.boolean({ description: "Don't resolve file paths" }),
    output: stringFlag({ char: 'o', description: 'Save to file (default to stdout)' }),
    profiles: Flags.boolean({ description: 'Print the profile names, one per line.' }),
    quiet: Flags.boolean({ char: 'q', description: "Only validate the configuration, don't print anything" }),
    'resolve-image-digests': Flags.boolean({ description: 'Pin image tags to digests' }),
    services: Flags.boolean({ description: 'Print the service names, one per line.' }),
    variables: Flags.boolean({ description: 'Print model variables and default values.' }),
    volumes: Flags.boolean({ description: 'Print the volume names, one per line.' }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(Config)
    for (const name of ['resolve-image-digests', 'lock-image-digests', 'variables'] as const) {
      if (flags[name]) throw notYet(`--${name}`)
    }
    const text = this.#text(flags)
    if (flags.quiet || text === '') return
    if (flags.output) writeFileSync(flags.output, text)
    else this.output.out(text)
  }

  #text(flags: ConfigFlags): string {
    const skip = skippedPhases(flags)
    const lists = LISTS.find((kind) => flags[kind])
    if (lists ?? flags.hash) {
      // Docker Compose lists names and hashes services without reading their env files.
      skip.add('env-resolution')
      const services = lists === 'images' ? this.operands : []
      const project = this.readProject(flags, { services, skip })
      return (lists ? listOf(lists, project) : hashesOf(flags.hash ?? '*', project)).map((line) => `${line}\n`).join('')
    }
    if (flags['no-interpolate']) {
      const root = this.readModel(flags, { skip })
      return flags.format === 'json' ? renderModelJson(root) : renderModelYaml(root)
    }
    const project = this.readProject(flags, { services: this.operands, skip })
    return flags.format === 'json' ? renderJson(project) : renderYaml(project)
  }
}

type ConfigFlags = GlobalFlags & Interfaces.InferredFlags<typeof Config.flags>

/** In the order in which Docker Compose looks for them. */
const LISTS: readonly ListKind[] = ['services', 'volumes', 'networks', 'models', 'profiles', 'images', 'environment']

function skippedPhases(flags: ConfigFlags): Set<SkippablePhase> {
  const phases = [
    ['interpolation', flags['no-interpolate']],
    ['normalisation', flags['no-normalize']],
    ['path-resolution', flags['no-path-resolution']],
    ['consistency', flags['no-consistency']],
    ['env-resolution', flags['no-env-resolution']],
  ] as const
  return new Set(phases.filter(([, isSkipped]) => isSkipped).map(([phase]) => phase))
}
