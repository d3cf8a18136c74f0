/** The types of a project beside the schema of Compose files: which attributes both have, and which only one. */
import { readFileSync } from 'node:fs'
import { type Member, mentioned, type TypeMembers, typeMembers } from './type-members.ts'

export interface Schema {
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, Schema>>
  readonly properties?: Readonly<Record<string, Schema>>
  readonly patternProperties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly oneOf?: readonly Schema[]
}

export interface Comparison {
  readonly onlyInSchema: string[]
  readonly onlyInTypes: string[]
  readonly inBoth: string[]
  /** The objects of the schema that were looked at. */
  readonly seen: Set<Schema>
}

const model = (file: string): URL => new URL(`../../src/model/${file}`, import.meta.url)

/** The types of the elements: what scripts/generate.mjs makes. */
export const elements: TypeMembers = typeMembers(model('compose-types.ts'))
export const types: TypeMembers = new Map([...elements, ...typeMembers(model('project.ts'))])
export const schema: Schema = JSON.parse(readFileSync(new URL('../../schemas/compose.json', import.meta.url), 'utf8'))

export function compareTypes(): Comparison {
  const comparison: Comparison = { onlyInSchema: [], onlyInTypes: [], inBoth: [], seen: new Set() }
  compareObjects(schema, 'Project', { path: [], comparison })
  return comparison
}

interface Place {
  readonly path: readonly string[]
  readonly comparison: Comparison
}

function compareObjects(object: Schema, type: string | undefined, { path, comparison }: Place): void {
  const members = types.get(type ?? '') ?? new Map<string, Member>()
  const properties = object.properties ?? {}
  const name = (key: string): string => [...path, key].join('.')
  comparison.seen.add(object)
  comparison.onlyInTypes.push(...[...members.keys()].filter((key) => !Object.hasOwn(properties, key)).map(name))
  for (const [key, property] of Object.entries(properties)) {
    const member = members.get(key)
    comparison[member ? 'inBoth' : 'onlyInSchema'].push(name(key))
    if (!member) continue
    for (const inner of objectsOf(property))
      compareObjects(inner, mentioned(member, types)[0], { path: [...path, key], comparison })
  }
}

/** The nearest objects with attributes that a value is, holds or may be. */
function objectsOf(value: Schema): readonly Schema[] {
  if (value.$ref) return objectsOf(schema.$defs?.[value.$ref.replace('#/$defs/', '')] ?? {})
  if (value.properties) return [value]
  const keyed = Object.entries(value.patternProperties ?? {}).filter(([pattern]) => pattern !== '^x-')
  const inner = [...(value.oneOf ?? []), ...(value.items ? [value.items] : []), ...keyed.map(([, one]) => one)]
  return inner.flatMap(objectsOf)
}

/** All objects with attributes that stand in the schema. */
export function objectsIn(value: unknown): readonly Schema[] {
  if (typeof value !== 'object' || value === null) return []
  const own = 'properties' in value && 'type' in value ? [value as Schema] : []
  return [...own, ...Object.values(value).flatMap(objectsIn)]
}
