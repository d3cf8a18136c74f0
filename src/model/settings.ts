/** From what the command line and the environment say to what is loaded: which files, which directory, which variables, which profiles. */
import { dirname, resolve } from 'node:path'
import { discoverFiles } from './discover.ts'
import { defaultEnvFile, type Environment, readEnvFiles, underlay } from './environment.ts'
import type { Findings } from './findings.ts'
import type { FileReader } from './reader.ts'

export interface LoadOptions {
  /** What `-f` said; empty to look for the usual names. `-` is standard input. */
  readonly files: readonly string[]
  /** Absolute: where the command runs. */
  readonly workingDir: string
  readonly projectDirectory?: string | undefined
  readonly projectName?: string | undefined
  /** What `--profile` said; empty for COMPOSE_PROFILES. */
  readonly profiles: readonly string[]
  /** What `--env-file` said; empty for COMPOSE_ENV_FILES or `.env`. */
  readonly envFiles: readonly string[]
  /** The process's environment. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Services named on the command line, with wildcards; empty or absent for all. */
  readonly services?: readonly string[] | undefined
  /** Services whose profiles are active for this command, without leaving out the others. */
  readonly enabled?: readonly string[] | undefined
  /** Keep networks, volumes, configs and secrets that no service uses. */
  readonly allResources?: boolean | undefined
  /** Phases that `config --no-…` leaves out. */
  readonly skip?: ReadonlySet<SkippablePhase> | undefined
  readonly reader: FileReader
}

export type SkippablePhase =
  | 'interpolation'
  | 'normalisation'
  | 'path-resolution'
  | 'consistency'
  | 'container-names'
  | 'env-resolution'

export interface Settings extends Environment {
  /** Absolute; `-` for standard input. */
  readonly files: readonly string[]
  /** Absolute: what relative paths mean. */
  readonly directory: string
  readonly cwd: string
  readonly envFiles: readonly string[]
  readonly profiles: readonly string[]
}

export function settle(options: LoadOptions, findings: Findings): Settings {
  const { reader, workingDir: cwd } = options
  const process: Environment = { variables: processVariables(options), sources: new Map() }
  const named = options.envFiles.length > 0 ? options.envFiles : splitFiles(process.variables.get('COMPOSE_ENV_FILES'))
  const project = options.projectDirectory ? resolve(cwd, options.projectDirectory) : undefined
  const read = (known: Environment, directory: string): Environment => {
    const files = named.length > 0 ? named : defaultEnvFile(directory, process.variables, reader)
    return underlay(known, readEnvFiles(known.variables, { files, cwd, reader, findings }))
  }
  const start = project ?? directoryOf(options.files, cwd)
  const first = read(process, start)
  const files = discoverFiles({ files: options.files, start, cwd, variables: first.variables, reader }, findings)
  const directory = project ?? directoryOf(files, cwd)
  const { variables, sources } = directory === start ? first : read(first, directory)
  const profiles = options.profiles.length > 0 ? options.profiles : splitProfiles(variables.get('COMPOSE_PROFILES'))
  return { files, directory, cwd, variables, sources, envFiles: named.map((file) => resolve(cwd, file)), profiles }
}

function processVariables({ environment, workingDir }: LoadOptions): Map<string, string> {
  const variables = new Map<string, string>()
  for (const [name, value] of Object.entries(environment)) if (value !== undefined) variables.set(name, value)
  if (!variables.has('PWD')) variables.set('PWD', workingDir)
  return variables
}

/** The directory of the first file that is one. */
function directoryOf(files: readonly string[], cwd: string): string {
  const file = files.find((path) => path !== '-')
  return file === undefined ? cwd : dirname(resolve(cwd, file))
}

/** The empty name stays: a service of the profile "" runs while no other profile is named. */
const splitProfiles = (text = ''): readonly string[] => text.split(',').map((part) => part.trim())

const splitFiles = (text = ''): readonly string[] => text.split(',').filter((part) => part !== '')
