/** What `up` is asked besides `create`, as far as it decides what is done; `plan` is asked the same. */
import { Flags } from '@oclif/core'
import type { Driver } from '../driver/driver.ts'
import type { Project } from '../model/project.ts'
import type { UpOptions } from '../planner/options.ts'
import { Refusal } from './failure.ts'
import { integerFlag } from './flags.ts'
import { timeoutOption } from './timeout.ts'
import { type CreateFlags, creationOptions, recreateStrategy, refuseBuild, removesOrphans } from './up-flags.ts'
import { withoutDependencies } from './without-dependencies.ts'

export const startFlags = {
  'always-recreate-deps': Flags.boolean({
    description: 'Recreate dependent containers. Incompatible with --no-recreate.',
  }),
  'no-deps': Flags.boolean({ description: "Don't start linked services" }),
  'no-start': Flags.boolean({ description: "Don't start the services after creating them" }),
  'renew-anon-volumes': Flags.boolean({
    char: 'V',
    description: 'Recreate anonymous volumes instead of retrieving data from the previous containers',
  }),
  timeout: integerFlag({
    char: 't',
    description:
      'Use this timeout in seconds for container shutdown when attached or when containers are already running',
  }),
}

export interface StartFlags extends CreateFlags {
  readonly 'always-recreate-deps': boolean
  readonly 'no-deps': boolean
  readonly 'no-start': boolean
  readonly 'remove-orphans': boolean
  readonly 'renew-anon-volumes': boolean
  readonly timeout?: number | undefined
}

export function refuseStartContradictions(flags: StartFlags): void {
  if (!flags['no-recreate']) return
  if (flags['renew-anon-volumes']) throw new Refusal('--no-recreate and --renew-anon-volumes are incompatible')
  if (flags['always-recreate-deps']) throw new Refusal('--always-recreate-deps and --no-recreate are incompatible')
}

/** The project as far as it is meant. */
export function selected(
  loaded: Project,
  flags: StartFlags & { readonly 'all-resources': boolean },
  { services, driver }: { readonly services: readonly string[]; readonly driver: Pick<Driver, 'limits'> },
): Project {
  const project = flags['no-deps'] ? withoutDependencies(loaded, services) : loaded
  refuseBuild(flags, project, driver)
  if (Object.keys(project.services).length === 0 && !flags['all-resources']) throw new Refusal('no service selected')
  return project
}

export interface Typed {
  readonly services: readonly string[]
  readonly written: ReadonlySet<string>
}

export function startOptions(
  flags: StartFlags,
  project: Project,
  { services, written }: Typed,
): Omit<UpOptions, 'surroundings'> {
  return {
    ...creationOptions(flags, project, services),
    removeOrphans: removesOrphans(flags, written),
    renewAnonymousVolumes: flags['renew-anon-volumes'],
    recreateDependencies: flags['always-recreate-deps'] ? 'force' : recreateStrategy(flags),
    start: !flags['no-start'],
    ...timeoutOption(flags.timeout),
  }
}
