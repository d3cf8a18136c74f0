/** The flags of `run`, with Docker Compose's words, and the rules about which go together. */

import { Flags, type Interfaces } from '@oclif/core'
import type { Driver } from '../driver/driver.ts'
import { notYet, Refusal } from './failure.ts'
import { listFlag, stringFlag } from './flags.ts'
import type { GlobalFlags } from './global-flags.ts'

export const runFlags = {
  build: Flags.boolean({ description: 'Build image before starting container' }),
  'cap-add': listFlag({ helpValue: 'list', description: 'Add Linux capabilities' }),
  'cap-drop': listFlag({ helpValue: 'list', description: 'Drop Linux capabilities' }),
  detach: Flags.boolean({ char: 'd', description: 'Run container in background and print container ID' }),
  entrypoint: stringFlag({ description: 'Override the entrypoint of the image' }),
  env: listFlag({ char: 'e', description: 'Set environment variables' }),
  'env-from-file': listFlag({ description: 'Set environment variables from file' }),
  interactive: Flags.boolean({ char: 'i', default: true, description: 'Keep STDIN open even if not attached' }),
  label: listFlag({ char: 'l', description: 'Add or override a label' }),
  name: stringFlag({ description: 'Assign a name to the container' }),
  'no-deps': Flags.boolean({ description: "Don't start linked services" }),
  'no-tty': Flags.boolean({
    char: 'T',
    aliases: ['no-TTY'],
    description: 'Disable pseudo-TTY allocation (default: auto-detected)',
  }),
  publish: listFlag({ char: 'p', description: "Publish a container's port(s) to the host" }),
  pull: stringFlag({
    default: 'policy',
    options: ['policy', 'always', 'missing', 'never'],
    description: 'Pull image before running ("always"|"missing"|"never")',
  }),
  quiet: Flags.boolean({ char: 'q', description: "Don't print anything to STDOUT" }),
  'quiet-build': Flags.boolean({ description: 'Suppress progress output from the build process' }),
  'quiet-pull': Flags.boolean({ description: 'Pull without printing progress information' }),
  'remove-orphans': Flags.boolean({ description: 'Remove containers for services not defined in the Compose file' }),
  rm: Flags.boolean({ description: 'Automatically remove the container when it exits' }),
  'service-ports': Flags.boolean({
    char: 'P',
    description: "Run command with all service's ports enabled and mapped to the host",
  }),
  tty: Flags.boolean({ char: 't', default: true, hidden: true, description: 'Allocate a pseudo-TTY' }),
  'use-aliases': Flags.boolean({
    description: "Use the service's network useAliases in the network(s) the container connects to",
  }),
  user: stringFlag({ char: 'u', description: 'Run as specified username or uid' }),
  volume: listFlag({ char: 'v', description: 'Bind mount a volume' }),
  workdir: stringFlag({ char: 'w', description: 'Working directory inside the container' }),
}

export type RunFlags = GlobalFlags & Interfaces.InferredFlags<typeof runFlags>

export function refuseRunContradictions(flags: RunFlags, written: ReadonlySet<string>): void {
  if (written.has('tty') && written.has('no-tty')) throw new Refusal("--tty and --no-TTY can't be used together")
  if (flags['service-ports'] && flags.publish.length > 0)
    throw new Refusal('--service-ports and --publish are incompatible')
}

/** There is nothing to build where the service has no `build`. */
export function refuseRunBuild(flags: RunFlags, serviceName: string, { limits }: Pick<Driver, 'limits'>): void {
  if (flags.build && !limits.builds) throw notYet(`building the image of service "${serviceName}"`)
}

export interface Ends {
  readonly outIsTerminal: boolean
  readonly inIsTerminal: boolean
}

/** A terminal for the program where the user has one and did not say otherwise. Throws where it is asked for and there is none. */
export function wantsTerminal(flags: RunFlags, written: ReadonlySet<string>, ends: Ends): boolean {
  const tty = written.has('tty') ? flags.tty : written.has('no-tty') ? !flags['no-tty'] : guessed(written, ends)
  if (tty && flags.interactive && !flags.detach && !ends.inIsTerminal)
    throw new Refusal('the input device is not a TTY', 'leave out -t, or add -T')
  return tty
}

const guessed = (written: ReadonlySet<string>, { outIsTerminal, inIsTerminal }: Ends): boolean =>
  outIsTerminal && (inIsTerminal || written.has('interactive'))
