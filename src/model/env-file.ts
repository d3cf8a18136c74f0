/** `env_file` and `label_file` read into `environment` and `labels`, which win over what the files say. */
import { resolve } from 'node:path'
import type { Diagnostic, Location } from '../diagnostic.ts'
import { type FileValue, parseDotenv } from './dotenv.ts'
import { grow, growByVariable } from './extent.ts'
import { type FileValues, type NotedValues, noteValues, withPlaces } from './file-values.ts'
import { apart, type Findings, noteRequest, report } from './findings.ts'
import { displayName, openSource } from './open.ts'
import type { EnvFile, Project, Service } from './project.ts'
import type { FileReader } from './reader.ts'
import { mapServices } from './select.ts'
import type { Source } from './tree/source.ts'
import { trimStart } from './white-space.ts'

export interface FileContext {
  readonly reader: FileReader
  readonly cwd: string
  readonly findings: Findings
  /** Whether env files are read too, or only label files. */
  readonly environment: boolean
}

export interface Filled {
  readonly project: Project
  readonly fileValues: FileValues
}

export function readServiceFiles(project: Project, context: FileContext): Filled {
  const owner: Owner = { project, context, values: new Map() }
  const services = mapServices(project.services, (service, name) => {
    const labelled = withLabels(name, service, owner)
    return Object.freeze(context.environment ? withEnvironment(name, labelled, owner) : labelled)
  })
  const locate = withPlaces(project.locate, owner.values)
  return { project: { ...project, services, locate }, fileValues: owner.values }
}

/** What the files say stands in the service now: it names them no more. */
function withEnvironment(name: string, service: Service, owner: Owner): Service {
  const { env_file: _files, ...rest } = service
  const environment = readEnvironment(name, service, owner)
  return environment ? { ...rest, environment } : rest
}

function withLabels(name: string, service: Service, owner: Owner): Service {
  const { label_file: _files, ...rest } = service
  const labels = readLabels(name, service, owner)
  return labels ? { ...rest, labels } : rest
}

interface Owner {
  readonly project: Project
  readonly context: FileContext
  readonly values: NotedValues
}

function readEnvironment(name: string, service: Service, owner: Owner): Service['environment'] {
  const { project, context, values } = owner
  const own = withProjectValues(service.environment ?? {}, project.environment)
  if (!service.env_file) return service.environment && own
  const variables = new Map(Object.entries(own).filter((pair): pair is [string, string] => pair[1] !== null))
  const lookup = (variable: string): string | undefined =>
    ownValue(project.environment, variable) ?? ownValue(own, variable) ?? undefined
  const onValue = noteValues(values, name, 'environment')
  for (const [index, file] of service.env_file.entries()) {
    const source = openListed(file, ['services', name, 'env_file', index], owner)
    const at = (): Location | undefined => project.locate(['services', name, 'env_file', index, 'format'])
    if (source) readFormat({ ...file, at }, source, { variables, lookup, findings: context.findings, onValue })
  }
  const all = [...variables, ...Object.entries(own)]
  return all.length === 0 ? undefined : frozen(all)
}

/** What is declared without a value and was not normalised has the project's, where that has one. */
function withProjectValues(
  environment: NonNullable<Service['environment']>,
  variables: Project['environment'],
): NonNullable<Service['environment']> {
  const isOpen = ([name, value]: [string, string | null]): boolean => value === null && Object.hasOwn(variables, name)
  const all = Object.entries(environment)
  return all.some(isOpen)
    ? frozen(all.map((one) => (isOpen(one) ? [one[0], variables[one[0]] ?? null] : one)))
    : environment
}

const ownValue = <T>(record: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined

function frozen<T>(pairs: readonly (readonly [string, T])[]): Readonly<Record<string, T>> {
  const result: Record<string, T> = Object.create(null)
  for (const [key, value] of pairs) result[key] = value
  return Object.freeze(result)
}

function openListed(
  file: EnvFile,
  path: readonly (string | number)[],
  { project, context }: Owner,
): Source | undefined {
  const at = (): Location | undefined => project.locate([...path, 'path'])
  return openNamed({ path: file.path, at }, context, {
    required: file.required,
    code: 'env-file-missing',
    message: `env file "${displayName(file.path, context.cwd)}" is missing`,
    hint: 'make it, or write "required: false" beside its path',
  })
}

interface Named {
  readonly path: string
  readonly at: () => Location | undefined
}

/** A file that a service names; undefined, and reported if it is needed, when there is none. */
function openNamed(
  { path, at }: Named,
  context: FileContext,
  { required, ...missing }: Pick<Diagnostic, 'code' | 'message' | 'hint'> & { readonly required: boolean },
): Source | undefined {
  return apart(context.findings, (findings) => {
    const source = path === '' ? undefined : openSource(resolve(context.cwd, path), { ...context, at })
    if (source) noteRequest(findings, source.name, () => ({ message: 'this file is named here', at: at() }))
    else if (required) report(findings, { ...missing, at: at() })
    return source
  })
}

interface Reading {
  readonly variables: Map<string, string>
  readonly lookup: (name: string) => string | undefined
  readonly findings: Findings
  readonly onValue: (value: FileValue) => void
}

interface Form {
  readonly format?: string
  readonly at: () => Location | undefined
}

function readFormat({ format, at }: Form, source: Source, reading: Reading): void {
  const { variables, findings } = reading
  if (format === undefined || format === '' || format === '.env') parseDotenv(source, variables, reading)
  else if (format === 'raw') parseRaw(source, variables, reading)
  else
    report(findings, {
      code: 'bad-value',
      message: `"${format}" is not a format of env files`,
      hint: 'leave "format" out, or write raw',
      at: at(),
    })
}

/** Lines as `docker run --env-file` reads them: no quotes, no variables. */
function parseRaw(source: Source, variables: Map<string, string>, { lookup, findings, onValue }: Reading): void {
  let start = 0
  grow(findings, { characters: source.text.length })
  for (const line of source.text.split('\n')) {
    const at = { source, start, end: start + line.length }
    start += line.length + 1
    const text = trimStart(at.start === 0 ? line.replace(/^\uFEFF/, '') : line).replace(/\r$/, '')
    if (text === '' || text.startsWith('#')) continue
    const equals = text.indexOf('=')
    const name = equals < 0 ? text : text.slice(0, equals)
    if (name === '' || /[ \t]/.test(name))
      report(findings, {
        code: 'env-file-syntax',
        message: `"${name}" can't be the name of a variable`,
        hint: 'write NAME=value, without quotes: a raw file has none',
        at,
      })
    const value = equals < 0 ? lookup(name) : text.slice(equals + 1)
    if (value === undefined) continue
    growByVariable(findings, name, value, at)
    variables.set(name, value)
    onValue({ name, value, at, inherited: equals < 0, used: [] })
  }
}

function readLabels(name: string, service: Service, { project, context, values }: Owner): Service['labels'] {
  if (!service.label_file) return service.labels
  const labels = new Map<string, string>()
  const lookup = (label: string): string | undefined => labels.get(label)
  const onValue = noteValues(values, name, 'labels')
  for (const [index, path] of service.label_file.entries()) {
    const at = (): Location | undefined => project.locate(['services', name, 'label_file', index])
    const missing = {
      code: 'label-file-missing',
      message: `label file "${displayName(path, context.cwd)}" is missing`,
      hint: 'make it, or check the path',
    } as const
    const source = openNamed({ path, at }, context, { required: true, ...missing })
    if (source) parseDotenv(source, labels, { lookup, findings: context.findings, onValue })
  }
  const all = [...labels, ...Object.entries(service.labels ?? {})]
  return all.length === 0 ? undefined : frozen(all)
}
