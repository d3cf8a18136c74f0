/**
 * A project in the order and with the omissions Docker Compose prints it, as plain ordered values: what render.ts turns into JSON or
 * YAML, and hash.ts into a digest.
 */
import type { EnvFile, Project } from './project.ts'
import { FILE_OBJECT, type Field, MODEL, NETWORK, SERVICE, type Shape, type Type, VOLUME } from './shape.ts'
import { compareKeys } from './yaml/sort-keys.ts'

/** `digest` is the JSON that hash.ts takes the digest of. */
export type Format = 'json' | 'yaml' | 'digest'

/** Keys in the order of printing; arrays and scalars as they are. */
export type Printed = string | number | bigint | boolean | null | readonly Printed[] | PrintedMap

/** A map, or entries that are printed only when they are asked for. */
export interface PrintedMap {
  readonly size: number
  forEach(show: (value: Printed, key: string) => void): void
  [Symbol.iterator](): Iterator<readonly [string, Printed]>
}

export const isMapping = (value: Printed): value is PrintedMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export function printProject(project: Project, format: Format): Printed {
  const sections: [string, Printed][] = [
    // An override file has none.
    ...(project.name !== '' || format === 'json' ? [['name', project.name] as [string, Printed]] : []),
    ['services', printSection(project.services, SERVICE, format)],
    ['networks', printSection(project.networks, NETWORK, format)],
    ['volumes', printSection(project.volumes, VOLUME, format)],
    ['secrets', printSection(withoutContent(project.secrets), FILE_OBJECT, format)],
    ['configs', printSection(withoutSourcedContent(project.configs), FILE_OBJECT, format)],
    // Docker Compose forgets the models in JSON.
    ...(format === 'yaml' ? [['models', printSection(project.models, MODEL, format)] as [string, Printed]] : []),
  ]
  const kept = sections.filter(
    ([key, value]) => key === 'name' || key === 'services' || (isMapping(value) && value.size > 0),
  )
  const extensions = sortedEntries(project.extensions, format).map(
    ([key, value]) => [key, printAny(value, format)] as [string, Printed],
  )
  const entries = [...kept, ...extensions]
  return new Map(format === 'json' ? entries.sort(([a], [b]) => compare(a, b)) : entries)
}

/** The content of a secret is never printed. */
const withoutContent = (secrets: Project['secrets']): Project['secrets'] =>
  Object.fromEntries(Object.entries(secrets).map(([name, { content: _content, ...secret }]) => [name, secret]))

/** The content of a config that comes from a variable is named, not shown. */
const withoutSourcedContent = (configs: Project['configs']): Project['configs'] =>
  Object.fromEntries(
    Object.entries(configs).map(([name, config]) => {
      const { content: _content, ...rest } = config
      return [name, config.environment ? rest : config]
    }),
  )

/** One element at a time: thousands of services need not stand in memory a second time. */
function printSection(elements: Readonly<Record<string, object>>, shape: Shape, format: Format): PrintedMap {
  const entries = sortedEntries(elements, format)
  return {
    size: entries.length,
    forEach: (show) => entries.forEach(([name, element]) => void show(printStruct(element, shape, format), name)),
    *[Symbol.iterator]() {
      for (const [name, element] of entries) yield [name, printStruct(element, shape, format)]
    },
  }
}

export function printStruct(value: object, shape: Shape, format: Format): PrintedMap {
  const record = value as Readonly<Record<string, unknown>>
  const printed = new Map<string, Printed>()
  for (const field of fieldsToPrint(record, shape)) {
    const value = printField(record[field.key], field, format)
    if (value !== undefined) printed.set(format === 'yaml' ? field.key : (field.json ?? field.key), value)
  }
  if (format === 'yaml' && shape.extensible) printExtensions(record, printed)
  return printed
}

function fieldsToPrint(record: object, { fields, places, lasting }: Shape): readonly Field[] {
  const shown = [...lasting]
  for (const key in record) {
    const place = places.get(key)
    if (place !== undefined) shown[place] = true
  }
  return fields.filter((_field, place) => shown[place])
}

function printExtensions(record: Readonly<Record<string, unknown>>, printed: Map<string, Printed>): void {
  const keys = Object.keys(record).filter((key) => key.startsWith('x-'))
  for (const key of keys.sort(compareKeys)) printed.set(key, printAny(record[key], 'yaml'))
}

function printField(value: unknown, { key, type, always, digest }: Field, format: Format): Printed | undefined {
  if (key === 'name' && value === '') return undefined
  if (format === 'digest' && digest === 'true-only' && value === false) return undefined
  if (type.kind === 'struct' && type.inline) {
    const inner = printStruct((value as object | undefined) ?? {}, type.shape, format)
    return inner.size > 0 || format !== 'yaml' ? inner : undefined
  }
  if (value !== undefined) return printValue(value, type, format)
  return always === 'json' && format !== 'yaml' ? null : undefined
}

function printValue(value: unknown, type: Type, format: Format): Printed {
  switch (type.kind) {
    case 'struct':
      return printStruct(value as object, type.shape, format)
    case 'structs':
      return (value as readonly object[]).map((item) => printStruct(item, type.shape, format))
    case 'map':
      return new Map(
        sortedEntries(value as Record<string, object | null>, format).map(
          ([key, item]) => [key, item && printStruct(item, type.shape, format)] as const,
        ),
      )
    case 'envFiles':
      return (value as readonly EnvFile[]).map((file) => printEnvFile(file, format))
    case 'ulimits':
      return new Map(
        sortedEntries(value as Record<string, unknown>, format).map(
          ([key, limit]) => [key, printLimit(limit, format)] as const,
        ),
      )
    default:
      return printAny(value, format)
  }
}

/** What goes without saying is left out; a required file's format is no part of the digest. */
function printEnvFile({ path, required, format }: EnvFile, printed: Format): Printed {
  if (printed === 'digest' && required) return path
  return new Map<string, Printed>([
    ['path', path],
    ...(printed === 'digest' || !required ? [['required', required] as const] : []),
    ...(format === undefined ? [] : [['format', format] as const]),
  ])
}

/** In YAML both limits are always there. A single limit of 0 is printed as two of them. */
function printLimit(limit: unknown, format: Format): Printed {
  if (typeof limit === 'number' && limit !== 0) return limit
  const { soft, hard } = typeof limit === 'number' ? {} : (limit as { soft?: number; hard?: number })
  const both: [string, number | undefined][] = [
    ['soft', soft ?? (format === 'yaml' ? 0 : undefined)],
    ['hard', hard ?? (format === 'yaml' ? 0 : undefined)],
  ]
  return new Map(both.filter((pair): pair is [string, number] => pair[1] !== undefined))
}

/** A value without a shape: mappings sorted by key. */
export function printAny(value: unknown, format: Format): Printed {
  if (Array.isArray(value)) return value.map((item) => printAny(item, format))
  if (typeof value !== 'object' || value === null) return value as Printed
  const printed = new Map<string, Printed>()
  for (const key of sortedKeys(value, format))
    printed.set(key, printAny((value as Record<string, unknown>)[key], format))
  return printed
}

/** JSON sorts keys by code, YAML as people count. */
function sortedKeys(record: object, format: Format): readonly string[] {
  const keys = Object.keys(record)
  return keys.length < 2 ? keys : keys.sort(format === 'yaml' ? compareKeys : compare)
}

const sortedEntries = <T>(record: Readonly<Record<string, T>>, format: Format): (readonly [string, T])[] =>
  sortedKeys(record, format).map((key) => [key, record[key] as T])

/** By code points, as Go sorts keys. */
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
