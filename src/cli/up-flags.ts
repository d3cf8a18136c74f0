/** The flags of `up` and `create`, and the rules about which go together: Docker Compose's rules in its words. */

import { Flags } from '@oclif/core'
import type { Driver } from '../driver/driver.ts'
import type { Project } from '../model/project.ts'
import type { PullPolicy, RecreateStrategy, UpOptions } from '../planner/options.ts'
import type { ProgressEvent } from '../planner/progress.ts'
import { isTrue } from './environment.ts'
import { notYet, Refusal } from './failure.ts'
import { listFlag, stringFlag } from './flags.ts'
import { noSuchService } from './no-such-service.ts'

export const createFlags = {
  build: Flags.boolean({ description: 'Build images before starting containers' }),
  'force-recreate': Flags.boolean({
    description: "Recreate containers even if their configuration and image haven't changed",
  }),
  'no-build': Flags.boolean({ description: "Don't build an image, even if it's policy" }),
  'no-recreate': Flags.boolean({
    description: "If containers already exist, don't recreate them. Incompatible with --force-recreate.",
  }),
  pull: stringFlag({
    default: 'policy',
    options: ['policy', 'always', 'missing', 'never'],
    description: 'Pull image before running ("always"|"missing"|"never")',
  }),
  'quiet-pull': Flags.boolean({ description: 'Pull without printing progress information' }),
  'remove-orphans': Flags.boolean({ description: 'Remove containers for services not defined in the Compose file' }),
  scale: listFlag({
    description: 'Scale SERVICE to NUM instances. Overrides the `scale` setting in the Compose file if present.',
  }),
  yes: Flags.boolean({ char: 'y', description: 'Assume "yes" as answer to all prompts and run non-interactively' }),
}

export interface CreateFlags {
  readonly build: boolean
  readonly 'no-build': boolean
  readonly 'force-recreate': boolean
  readonly 'no-recreate': boolean
  readonly pull: string
  readonly scale: readonly string[]
}

export function refuseContradictions(flags: CreateFlags): void {
  if (flags.build && flags['no-build']) throw new Refusal('--build and --no-build are incompatible')
  if (flags['force-recreate'] && flags['no-recreate'])
    throw new Refusal('--force-recreate and --no-recreate are incompatible')
}

/** There is nothing to build where no service has a `build`. */
export function refuseBuild(flags: CreateFlags, project: Project, { limits }: Pick<Driver, 'limits'>): void {
  if (limits.builds) return
  const built = Object.keys(project.services).find((name) => project.services[name]?.build)
  if (flags.build && built) throw notYet(`building the image of service "${built}"`)
}

export function recreateStrategy(flags: CreateFlags): RecreateStrategy {
  if (flags['force-recreate']) return 'force'
  return flags['no-recreate'] ? 'never' : 'diverged'
}

/** The flag decides where it was written, COMPOSE_REMOVE_ORPHANS where it was not. */
export function removesOrphans(flags: { readonly 'remove-orphans': boolean }, written: ReadonlySet<string>): boolean {
  return written.has('remove-orphans') ? flags['remove-orphans'] : isTrue(process.env.COMPOSE_REMOVE_ORPHANS)
}

/** `--quiet-pull` leaves out how far each transfer is. */
export function showsPulls(flags: { readonly 'quiet-pull': boolean }): (event: ProgressEvent) => boolean {
  return (event) => !(flags['quiet-pull'] && event.currentBytes !== undefined)
}

/** What `up` and `create` have in common, as the planner takes it. */
export function creationOptions(
  flags: CreateFlags,
  project: Project,
  services: readonly string[],
): Omit<UpOptions, 'surroundings'> {
  return {
    services,
    recreate: recreateStrategy(flags),
    pull: flags.pull as PullPolicy,
    ...buildOption(flags),
    scale: readScale(flags.scale, project),
  }
}

export function buildOption(flags: {
  readonly build: boolean
  readonly 'no-build'?: boolean
}): Pick<UpOptions, 'build'> {
  if (flags.build) return { build: 'always' }
  return flags['no-build'] ? { build: 'never' } : {}
}

/** `SERVICE=NUM` for each `--scale`. */
function readScale(texts: readonly string[], project: Project): Readonly<Record<string, number>> {
  const scale: Record<string, number> = {}
  for (const text of texts) {
    const [, name, count] = /^([^=]+)=(\d+)$/.exec(text) ?? []
    if (name === undefined)
      throw new Refusal(`invalid --scale option ${JSON.stringify(text)}`, 'write SERVICE=NUM, such as --scale web=3')
    if (!(name in project.services)) throw noSuchService(name, Object.keys(project.services))
    scale[name] = Number(count)
  }
  return scale
}
