/**
 * The variables interpolation sees: the process's own, then those of the env files (`.env`, or the files of `--env-file`).
 * https://docs.docker.com/compose/how-tos/environment-variables/envvars-precedence/
 */
import { join, resolve } from 'node:path'
import { type FileValue, parseDotenv } from './dotenv.ts'
import { type Findings, fail, noteRequest, report, settle } from './findings.ts'
import type { Variables } from './interpolate/interpolate.ts'
import { openSource } from './open.ts'
import type { FileReader } from './reader.ts'
import type { Origin } from './tree/source.ts'
import type { Sources, VariableSource } from './tree/used-variable.ts'

/** Variables and where they come from. */
export interface Environment {
  readonly variables: Variables
  readonly sources: Sources
}

export interface EnvironmentFiles {
  readonly files: readonly string[]
  readonly cwd: string
  readonly reader: FileReader
  readonly findings: Findings
  /** Where the user named them, if in a file. */
  readonly at?: Origin | undefined
}

/** The variables of the files, in order; what the given variables already say wins in their interpolation, not in the result. */
export function readEnvFiles(known: Variables, { files, cwd, reader, findings, at }: EnvironmentFiles): Environment {
  const variables = new Map<string, string>()
  const sources = new Map<string, VariableSource>()
  const onValue = ({ name, at, inherited }: FileValue): void => {
    if (!inherited) sources.set(name, { kind: 'file', at })
  }
  for (const file of files) {
    const source = openSource(resolve(cwd, file), { reader, cwd, at: () => at })
    if (!source) {
      report(findings, {
        code: 'env-file-missing',
        message: `couldn't find env file: ${resolve(cwd, file)}`,
        hint: at ? 'check the path' : 'check --env-file and COMPOSE_ENV_FILES',
        at,
      })
      continue
    }
    if (at) noteRequest(findings, source.name, () => ({ message: 'this file is named here', at }))
    const lookup = (name: string): string | undefined => known.get(name) ?? variables.get(name)
    parseDotenv(source, variables, { lookup, findings, onValue })
  }
  settle(findings)
  return { variables, sources }
}

/** `known`, with whatever the others add to it. */
export function underlay(known: Environment, others: Environment): Environment {
  const added = [...others.sources].filter(([name]) => !known.variables.has(name))
  return {
    variables: new Map([...others.variables, ...known.variables]),
    sources: added.length === 0 ? known.sources : new Map([...known.sources, ...added]),
  }
}

/** The env file taken when none was named: `.env` beside the project, unless COMPOSE_DISABLE_ENV_FILE says no. */
export function defaultEnvFile(
  directory: string,
  variables: ReadonlyMap<string, string>,
  reader: FileReader,
): readonly string[] {
  const disabled = variables.get('COMPOSE_DISABLE_ENV_FILE')
  if (disabled !== undefined && readFlag(disabled)) return []
  const file = join(directory, '.env')
  return reader.kind(file) === 'file' ? [file] : []
}

const TRUE = new Set(['1', 't', 'T', 'TRUE', 'true', 'True'])
const FALSE = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False'])

function readFlag(value: string): boolean {
  if (TRUE.has(value)) return true
  if (FALSE.has(value)) return false
  return fail({
    code: 'bad-environment',
    message: `COMPOSE_DISABLE_ENV_FILE is "${value}", which is not a boolean`,
    hint: 'set it to true or false',
    at: undefined,
  })
}
