import { writeFileSync } from 'node:fs'
import { Flags, type Interfaces } from '@oclif/core'
import { hashesOf, type ListKind, listOf } from '../cli/config-lists.ts'
import { Refusal } from '../cli/failure.ts'
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
import { child } from '../model/tree/node.ts'
import { toPlain } from '../model/tree/plain.ts'

export default class Config extends FileCommand {
  static override summary = 'Parse, resolve and render compose file in canonical format'
  static override usage = 'config [OPTIONS] [SERVICE...]'
  static override hiddenAliases = ['convert']
  static override flags = {
    environment: Flags.boolean({ description: 'Print environment used for interpolation.' }),
    explain: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'PATH',
      description: 'Tell where the values at a path (services.web.ports) come from',
    }),
    format: stringFlag({ default: '', description: 'Format the output. Values: [yaml | json]' }),
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
    const list = LISTS.find((kind) => flags[kind])
    if (flags.explain) return this.#explain(flags.explain, flags)
    if (list === 'variables') return this.#variables(flags)
    if (list) return this.#list(list, flags)
    checkFormat(flags.format)
    const skip = skippedPhases(flags)
    const text = await (flags['no-interpolate'] ? this.#model(flags, skip) : this.#project(flags, skip))
    if (flags.quiet) return
    if (flags.output) saveTo(flags.output, text)
    else this.answer(text)
  }

  #list(list: Names, flags: ConfigFlags): void {
    const lines = list === 'services' && flags['no-interpolate'] ? this.#modelServices(flags) : this.#lines(list, flags)
    // Of all lists, --quiet is about this one only, as in Docker Compose.
    if (list === 'environment' && flags.quiet) return
    this.answer(lines.map((line) => `${line}\n`).join(''))
  }

  #lines(list: Names, flags: ConfigFlags): readonly string[] {
    // Names and hashes can be told without env files, and of containers that could not be made.
    const skip = skippedPhases(flags).add('env-resolution').add('container-names')
    const project = this.readProject(flags, { services: OF_SERVICES.has(list) ? this.operands : [], skip })
    return list === 'hash' ? hashesOf(flags.hash ?? '*', project) : listOf(list, project)
  }

  #modelServices(flags: ConfigFlags): readonly string[] {
    const services = child(this.readModel(flags, { skip: skippedPhases(flags) }), 'services')
    return services?.kind === 'map' ? [...services.entries.keys()].sort() : []
  }

  async #explain(paths: readonly string[], flags: ConfigFlags): Promise<void> {
    const { explainPaths } = await import('../cli/config-explain.ts')
    checkFormat(flags.format)
    const loaded = this.readWithHistory(flags, { services: this.operands, skip: skippedPhases(flags) })
    this.output.out(explainPaths(loaded, paths, { json: flags.format === 'json', paint: this.paintFor('out') }))
  }

  async #variables(flags: ConfigFlags): Promise<void> {
    const { renderVariables } = await import('../cli/config-variables.ts')
    if (this.operands.length > 0) this.showDiagnostics([OPERANDS_WITHOUT_VARIABLES])
    const skip = skippedPhases(flags).add('interpolation').add('env-resolution')
    this.output.out(renderVariables(this.readModel(flags, { skip }), flags.format))
  }

  async #project(flags: ConfigFlags, skip: ReadonlySet<SkippablePhase>): Promise<string> {
    const project = this.readProject(flags, { services: this.operands, skip })
    const printed = await this.#resolved(project, flags, { locate: project.locate, lock: lockOf })
    return flags.format === 'json' ? renderJson(printed) : renderYaml(printed)
  }

  async #model(flags: ConfigFlags, skip: ReadonlySet<SkippablePhase>): Promise<string> {
    if (this.operands.length > 0) this.showDiagnostics([OPERANDS_WITHOUT_EFFECT])
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

type Names = ListKind | 'hash'
type List = Names | 'variables'

/** In the order in which Docker Compose looks for them. */
const LISTS: readonly List[] = [
  'services',
  'volumes',
  'networks',
  'models',
  'hash',
  'profiles',
  'images',
  'variables',
  'environment',
]

/** The others are about the whole project, whatever services are named. */
const OF_SERVICES: ReadonlySet<List> = new Set(['profiles', 'images', 'environment'])

const OPERANDS_WITHOUT_EFFECT = {
  severity: 'warning',
  code: 'services-without-effect',
  message: 'naming services has no effect with --no-interpolate: the whole model is printed',
  hint: 'leave out the names, or --no-interpolate',
} as const

const OPERANDS_WITHOUT_VARIABLES = {
  severity: 'warning',
  code: 'services-without-effect',
  message: 'naming services has no effect with --variables: those of the whole model are printed',
  hint: 'leave out the names',
} as const

/** Lists don't ask for it, so it is not a matter of the flag alone. */
function checkFormat(format: string): void {
  if (!['', 'yaml', 'json'].includes(format))
    throw new Refusal(`unsupported format "${format}"`, 'write --format yaml or --format json')
}

function saveTo(path: string, text: string): void {
  try {
    writeFileSync(path, text)
  } catch (cause) {
    throw new Refusal(`"${path}" can't be written (${(cause as NodeJS.ErrnoException).code})`, 'check the path')
  }
}

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
