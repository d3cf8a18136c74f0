/**
 * The project's name: `-p`, else COMPOSE_PROJECT_NAME, else `name:` of the last file that has one, else the directory's name.
 * https://github.com/compose-spec/compose-spec/blob/main/04-version-and-name.md
 */
import { basename } from 'node:path'
import type { Environment } from './environment.ts'
import { type Findings, fail, settle, warn } from './findings.ts'
import { interpolate } from './interpolate/interpolate.ts'
import { placeOfVariable } from './provenance.ts'
import type { FileReader } from './reader.ts'
import type { SkippablePhase } from './settings.ts'
import { child, type Node, type Origin, text } from './tree/node.ts'
import { sourceOf, type VariableSource } from './tree/used-variable.ts'

export interface Naming extends Environment {
  readonly explicit: string | undefined
  readonly documents: readonly Node[]
  readonly directory: string
  readonly reader: FileReader
  readonly skip: ReadonlySet<SkippablePhase>
}

export interface ProjectName {
  readonly name: string
  readonly source: VariableSource
}

export function projectName(naming: Naming, findings: Findings): ProjectName {
  if (naming.explicit)
    return { name: requireValid(naming.explicit, undefined), source: { kind: 'flag', flag: '--project-name' } }
  const variable = naming.variables.get('COMPOSE_PROJECT_NAME')
  if (variable) {
    const at = placeOfVariable('COMPOSE_PROJECT_NAME', naming.sources)
    return { name: requireValid(variable, at), source: sourceOf('COMPOSE_PROJECT_NAME', naming.sources) }
  }
  return (
    writtenName(naming, findings) ?? {
      name: directoryName(naming, findings),
      source: { kind: 'directory', path: naming.directory },
    }
  )
}

/** Lower case, only letters, digits, `-` and `_`, not starting with either of those. */
export const normaliseName = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, '')
    .replace(/^[_-]+/, '')

function requireValid(name: string, at: Origin | undefined): string {
  const normal = normaliseName(name)
  if (normal === name) return name
  return fail({
    code: 'invalid-project-name',
    message: `invalid project name "${name}": must consist only of lowercase alphanumeric characters, hyphens, and underscores as well as start with a letter or number`,
    hint: normal === '' ? 'choose another name with -p' : `use "${normal}"`,
    at,
  })
}

/** The name the files give; undefined when none does. */
function writtenName(naming: Naming, findings: Findings): ProjectName | undefined {
  const { documents, skip } = naming
  const node = documents.map((document) => child(document, 'name')).findLast((name) => text(name))
  if (!node) return undefined
  const value = text(skip.has('interpolation') ? node : interpolate(node, naming, findings)) ?? ''
  settle(findings)
  const name = skip.has('normalisation') ? value : normaliseName(value)
  return name === ''
    ? fail({
        code: 'empty-project-name',
        message: 'project name must not be empty',
        hint: 'name it with -p, or with "name:" in the file',
        at: node.at,
      })
    : { name, source: { kind: 'file', at: node.at } }
}

function directoryName({ directory, reader }: Naming, findings: Findings): string {
  const own = basename(directory)
  if (basename(reader.realpath(directory)) !== own) {
    warn(findings, {
      code: 'name-from-symlink',
      message: `project has been loaded without an explicit name from a symlink. Using name "${own}"`,
      hint: `name it with -p, or with "name:" in the file`,
      at: undefined,
    })
  }
  const name = normaliseName(own)
  if (name !== '') return name
  return fail({
    code: 'empty-project-name',
    message: 'project name must not be empty',
    hint: `the directory "${directory}" gives no name: choose one with -p, or with "name:" in the file`,
    at: undefined,
  })
}
