/** The Compose Specification's schema made ready for walking: references followed, patterns compiled, names in maps. */
import { SCHEMA } from './schema.js'

export interface Schema {
  readonly types: readonly string[] | undefined
  readonly values: readonly unknown[] | undefined
  readonly pattern: RegExp | undefined
  readonly minimum: number | undefined
  readonly maximum: number | undefined
  readonly required: readonly string[]
  /** No other keys than those the schema names. */
  readonly closed: boolean
  /** The keys it names. */
  readonly names: readonly string[]
  /** What the value of a key must satisfy; nothing for a key that is not known. */
  readonly schemasOf: (key: string) => readonly Schema[]
  readonly items: Schema | undefined
  readonly unique: boolean
  readonly choices: readonly Schema[] | undefined
}

interface Written {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly properties?: Readonly<Record<string, Written>>
  readonly patternProperties?: Readonly<Record<string, Written>>
  readonly additionalProperties?: boolean | Written
  readonly required?: readonly string[]
  readonly items?: Written
  readonly uniqueItems?: boolean
  readonly oneOf?: readonly Written[]
  readonly anyOf?: readonly Written[]
}

interface Library {
  readonly definitions: Readonly<Record<string, Written>>
  readonly ready: Map<Written, Schema>
}

/** The schema of a whole document. Its parts are made ready when they are first asked for. */
export function composeSchema(): Schema {
  const written = JSON.parse(SCHEMA) as Written & { $defs: Record<string, Written> }
  return prepare(written, { definitions: written.$defs, ready: new Map() })
}

function prepare(written: Written, library: Library): Schema {
  const target =
    written.$ref === undefined ? written : (library.definitions[written.$ref.replace('#/$defs/', '')] ?? {})
  const known = library.ready.get(target)
  if (known) return known
  const { type, properties = {}, patternProperties = {} } = target
  const patterns = Object.entries(patternProperties).map(
    ([source, schema]) => [new RegExp(source, 'u'), schema] as const,
  )
  const choices = target.oneOf ?? target.anyOf
  let prepared: readonly Schema[] | undefined
  const schema: Schema = {
    types: typeof type === 'string' ? [type] : type,
    values: target.enum,
    pattern: target.pattern === undefined ? undefined : new RegExp(target.pattern, 'u'),
    minimum: target.minimum,
    maximum: target.maximum,
    required: target.required ?? [],
    closed: target.additionalProperties === false,
    names: Object.keys(properties),
    schemasOf: keysOf(target, patterns, library),
    get items() {
      return target.items && prepare(target.items, library)
    },
    unique: target.uniqueItems ?? false,
    get choices() {
      prepared ??= choices?.map((choice) => prepare(choice, library))
      return prepared
    },
  }
  library.ready.set(target, schema)
  return schema
}

function keysOf(
  { properties = {}, additionalProperties }: Written,
  patterns: readonly (readonly [RegExp, Written])[],
  library: Library,
): (key: string) => readonly Schema[] {
  const found = new Map<string, readonly Schema[]>()
  const find = (key: string): readonly Schema[] => {
    const own = Object.hasOwn(properties, key) ? properties[key] : undefined
    const matching = patterns.flatMap(([pattern, schema]) => (pattern.test(key) ? [prepare(schema, library)] : []))
    if (own) return [prepare(own, library), ...matching]
    if (matching.length > 0) return matching
    return typeof additionalProperties === 'object' ? [prepare(additionalProperties, library)] : []
  }
  return (key) => {
    const known = found.get(key)
    if (known) return known
    const schemas = find(key)
    // Names the user chose are as many as the file is long: they are not worth keeping.
    if (Object.hasOwn(properties, key)) found.set(key, schemas)
    return schemas
  }
}
