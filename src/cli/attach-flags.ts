/** The flags of `up` that say what is watched, and what ends it. */
import { Flags } from '@oclif/core'
import type { Project } from '../model/project.ts'
import { notYet, Refusal } from './failure.ts'
import { integerFlag, listFlag, stringFlag } from './flags.ts'
import { noSuchService } from './no-such-service.ts'

export const attachFlags = {
  'abort-on-container-exit': Flags.boolean({
    description: 'Stops all containers if any container was stopped. Incompatible with -d',
  }),
  'abort-on-container-failure': Flags.boolean({
    description: 'Stops all containers if any container exited with failure. Incompatible with -d',
  }),
  attach: listFlag({
    description: 'Restrict attaching to the specified services. Incompatible with --attach-dependencies.',
  }),
  'attach-dependencies': Flags.boolean({ description: 'Automatically attach to log output of dependent services' }),
  detach: Flags.boolean({ char: 'd', description: 'Detached mode: Run containers in the background' }),
  'exit-code-from': stringFlag({
    description: 'Return the exit code of the selected service container. Implies --abort-on-container-exit',
  }),
  menu: Flags.boolean({
    description:
      'Enable interactive shortcuts when running attached. Incompatible with --detach. Can also be enable/disable by setting COMPOSE_MENU environment var.',
  }),
  'no-attach': listFlag({ description: 'Do not attach (stream logs) to the specified services' }),
  'no-color': Flags.boolean({ description: 'Produce monochrome output' }),
  'no-log-prefix': Flags.boolean({ description: "Don't print prefix in logs" }),
  timestamps: Flags.boolean({ description: 'Show timestamps' }),
  wait: Flags.boolean({ description: 'Wait for services to be running|healthy. Implies detached mode.' }),
  'wait-timeout': integerFlag({
    description: 'Maximum duration in seconds to wait for the project to be running|healthy',
  }),
  watch: Flags.boolean({
    char: 'w',
    description: 'Watch source code and rebuild/refresh containers when files are updated.',
  }),
}

export interface AttachFlags {
  readonly 'abort-on-container-exit': boolean
  readonly 'abort-on-container-failure': boolean
  readonly attach: readonly string[]
  readonly 'attach-dependencies': boolean
  readonly detach: boolean
  readonly 'exit-code-from'?: string | undefined
  readonly 'no-attach': readonly string[]
  readonly wait: boolean
  readonly watch: boolean
}

/** What ends an attached `up` besides the user: nothing, any exit, or a failing one. */
export type AbortOn = 'nothing' | 'exit' | 'failure'

export function abortOn(flags: AttachFlags): AbortOn {
  if (flags['abort-on-container-failure']) return 'failure'
  return flags['abort-on-container-exit'] || flags['exit-code-from'] ? 'exit' : 'nothing'
}

export function isDetached(flags: AttachFlags): boolean {
  return flags.detach || flags.wait
}

export function refuseAttachContradictions(flags: AttachFlags): void {
  if (flags.watch) throw notYet('--watch')
  if (flags['abort-on-container-exit'] && flags['abort-on-container-failure']) {
    throw new Refusal('--abort-on-container-failure cannot be combined with --abort-on-container-exit')
  }
  if (flags.attach.length > 0 && flags['attach-dependencies'])
    throw new Refusal('cannot combine --attach and --attach-dependencies')
  const attaches = flags['attach-dependencies'] || abortOn(flags) !== 'nothing' || flags.attach.length > 0
  if (!isDetached(flags) || !attaches) return
  const how = flags.wait ? '--wait' : '--detach'
  throw new Refusal(
    `${how} cannot be combined with --abort-on-container-exit, --abort-on-container-failure, --attach, --attach-dependencies or --watch`,
  )
}

/** The service whose exit code is the command's, if one was named: it has to be among those that come up. */
export function exitCodeFrom(flags: AttachFlags, project: Project): string | undefined {
  const name = flags['exit-code-from']
  if (name && !(name in project.services)) throw noSuchService(name, Object.keys(project.services))
  return name
}

/** The services whose output is shown. */
export function servicesToShow(flags: AttachFlags, project: Project, named: readonly string[]): ReadonlySet<string> {
  const shown = new Set(
    flags.attach.length > 0 ? requireDeclared(flags.attach, project) : willing(flags, project, named),
  )
  for (const name of flags['no-attach']) shown.delete(name)
  return shown
}

function requireDeclared(names: readonly string[], project: Project): readonly string[] {
  const unknown = names.filter((name) => !(name in project.services))
  if (unknown.length > 0) throw new Refusal(`cannot attach to services not included in up: ${unknown.join(', ')}`)
  return names
}

function willing(flags: AttachFlags, project: Project, named: readonly string[]): readonly string[] {
  const all = Object.keys(project.services)
  const meant = named.length === 0 || flags['attach-dependencies'] ? all : named
  return meant.filter((name) => project.services[name]?.attach !== false)
}
