/**
 * Which files make up the project: those of `-f`, those of COMPOSE_FILE, or the first known name in the working directory or above it.
 * https://github.com/compose-spec/compose-spec/blob/main/03-compose-file.md
 */
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { type Findings, fail, warn } from './findings.ts'
import type { FileReader } from './reader.ts'

const NAMES = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml']
const OVERRIDES = [
  'compose.override.yml',
  'compose.override.yaml',
  'docker-compose.override.yml',
  'docker-compose.override.yaml',
]

export interface Discovery {
  /** What `-f` said, if anything. */
  readonly files: readonly string[]
  /** Where the search starts: the project directory, or else the working directory. */
  readonly start: string
  readonly cwd: string
  readonly variables: ReadonlyMap<string, string>
  readonly reader: FileReader
}

/** Absolute paths, `-` kept; at least one. */
export function discoverFiles(
  { files, start, cwd, variables, reader }: Discovery,
  findings: Findings,
): readonly string[] {
  if (files.length > 0) return files.map((file) => absolute(file, cwd))
  const listed = variables.get('COMPOSE_FILE')
  if (listed !== undefined) {
    const separator = variables.get('COMPOSE_PATH_SEPARATOR') || ':'
    return listed.split(separator).map((file) => absolute(file, cwd))
  }
  for (let directory = start; ; directory = dirname(directory)) {
    const main = firstOf(NAMES, { directory, what: 'config', reader, findings })
    if (main) {
      const override = firstOf(OVERRIDES, { directory, what: 'override', reader, findings })
      return override ? [main, override] : [main]
    }
    if (dirname(directory) === directory) break
  }
  return fail({
    code: 'no-compose-file',
    message: 'no configuration file provided: not found',
    hint: `make a compose.yaml in "${start}", or name a file with -f`,
    at: undefined,
    notes: [{ message: `looked in "${start}"${above(start)} for ${NAMES.join(', ')}` }],
  })
}

const above = (start: string): string => (dirname(start) === start ? '' : ' and the directories above it')

const absolute = (file: string, cwd: string): string => (file === '-' || isAbsolute(file) ? file : resolve(cwd, file))

interface Search {
  readonly directory: string
  readonly what: string
  readonly reader: FileReader
  readonly findings: Findings
}

function firstOf(names: readonly string[], { directory, what, reader, findings }: Search): string | undefined {
  const found = names.map((name) => join(directory, name)).filter((path) => reader.kind(path) !== undefined)
  if (found.length > 1) {
    warn(findings, {
      code: 'several-compose-files',
      message: `Found multiple ${what} files with supported names: ${found.join(', ')}`,
      hint: 'keep one of them, or name the one that is meant with -f',
      at: undefined,
    })
    warn(findings, {
      code: 'several-compose-files',
      message: `Using ${found[0]}`,
      hint: `remove the others, or name the one that is meant with -f`,
      at: undefined,
    })
  }
  return found[0]
}
