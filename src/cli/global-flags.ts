/** The flags every command takes; Docker Compose's, with its letters and words. */
import { Flags, type Interfaces } from '@oclif/core'
import { integerFlag, listFlag, stringFlag } from './flags.ts'

export const globalFlags = {
  'all-resources': Flags.boolean({ description: 'Include all resources, even those not used by services' }),
  ansi: stringFlag({
    description: 'Control when to print ANSI control characters ("never"|"always"|"auto")',
    options: ['never', 'always', 'auto'],
  }),
  compatibility: Flags.boolean({ description: 'Run compose in backward compatibility mode' }),
  context: stringFlag({ description: 'Name of the Docker context to use; the docker driver follows' }),
  driver: stringFlag({
    description: 'What runs the containers: our own runtime, or a Docker daemon ("native"|"docker")',
    options: ['native', 'docker'],
  }),
  'dry-run': Flags.boolean({ description: 'Print the plan and change nothing' }),
  'env-file': listFlag({ description: 'Specify an alternate environment file' }),
  file: listFlag({ char: 'f', description: 'Compose configuration files' }),
  parallel: integerFlag({ description: 'Control max parallelism, -1 for unlimited (default -1)' }),
  profile: listFlag({ description: 'Specify a profile to enable' }),
  progress: stringFlag({
    description: 'Set type of progress output (auto, tty, plain, json, quiet)',
    options: ['auto', 'tty', 'plain', 'json', 'quiet', 'none'],
  }),
  'project-directory': stringFlag({
    description: 'Specify an alternate working directory (default: the path of the, first specified, Compose file)',
    aliases: ['workdir'],
  }),
  'project-name': stringFlag({ char: 'p', description: 'Project name' }),
  'no-ansi': Flags.boolean({ hidden: true, description: 'Do not print ANSI control characters (DEPRECATED)' }),
  verbose: Flags.boolean({ hidden: true, description: 'Show more output' }),
}

export type GlobalFlags = Interfaces.InferredFlags<typeof globalFlags>
