import { writeFileSync } from 'node:fs'
import { Flags, type Interfaces } from '@oclif/core'
import { hashesOf, type ListKind, listOf } from '../cli/config-lists.ts'
import { notYet } from '../cli/failure.ts'
import { FileCommand } from '../cli/file-command.ts'
import { stringFlag } from '../cli/flags.ts'
import type { GlobalFlags } from '../cli/global-flags.ts'
import { lockWarnings, type PinOptions, pinned } from '../cli/image-pins.ts'
import type { Location } from '../diagnostic.ts'
import { locate as locateIn } from '../model/locate.ts'
import { type Composed, lockOf, lockOfModel } from '../model/pin.ts'
import type { Path } from '../model/project.ts'
import { renderJson, renderModelJson, renderModelYaml, renderYaml } from '../model/render.ts'
import type { SkippablePhase } from '../model/settings.ts'
import { toPlain } from '../model/tree/plain.ts'

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
    if (flags.variables) throw notYet('--variables')
    const text = await this.#text(flags)
    if (flags.quiet || text === '') return
    if (flags.output) writeFileSync(flags.output, text)
    else this.output.out(text)
  }

  async #text(flags: ConfigFlags): Promise<string> {
    const skip = skippedPhases(flags)
    const lists = LISTS.find((kind) => flags[kind])
    if (lists ?? flags.hash) {
      // Docker Compose lists names and hashes services without reading their env files.
      skip.add('env-resolution')
      const services = lists === 'images' ? this.operands : []
      const project = this.readProject(flags, { services, skip })
      return (lists ? listOf(lists, project) : hashesOf(flags.hash ?? '*', project)).map((line) => `${line}\n`).join('')
    }
    return flags['no-interpolate'] ? this.#model(flags, skip) : this.#project(flags, skip)
  }

  async #project(flags: ConfigFlags, skip: ReadonlySet<SkippablePhase>): Promise<string> {
    const project = this.readProject(flags, { services: this.operands, skip })
    const printed = await this.#resolved(project, flags, { locate: project.locate, lock: lockOf })
    return flags.format === 'json' ? renderJson(printed) : renderYaml(printed)
  }

  async #model(flags: ConfigFlags, skip: ReadonlySet<SkippablePhase>): Promise<string> {
    const root = this.readModel(flags, { skip })
    const model = toPlain(root) as Composed
    const locate = (path: Path): Location | undefined => locateIn(root, path)
    const printed = await this.#resolved(model, flags, { locate, lock: lockOfModel })
    return flags.format === 'json' ? renderModelJson(printed) : renderModelYaml(printed)
  }

  /** With image digests, and nothing but these, if that is asked for. */
  async #resolved<Subject extends Composed>(
    subject: Subject,
    flags: ConfigFlags,
    { locate, lock }: { locate: PinOptions['locate']; lock: (subject: Subject) => Subject },
  ): Promise<Subject> {
    const locks = flags['lock-image-digests']
    if (!flags['resolve-image-digests'] && !locks) return subject
    const complete = await pinned(subject, { locate, signal: this.signal })
    if (!locks) return complete
    this.showDiagnostics(lockWarnings(complete, locate))
    return lock(complete)
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
