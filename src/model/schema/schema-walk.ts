/** The part of JSON Schema that the Compose Specification's schema uses, and where in a document one is. */

export interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly properties?: Readonly<Record<string, Schema>>
  readonly patternProperties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: boolean | Schema
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly uniqueItems?: boolean
  readonly minItems?: number
  readonly oneOf?: readonly Schema[]
  readonly anyOf?: readonly Schema[]
}

export interface Walk {
  readonly definitions: Readonly<Record<string, Schema>>
  readonly path: readonly string[]
}

/** The schema itself, where it only refers to another. */
export const resolveSchema = (schema: Schema, { definitions }: Walk): Schema =>
  schema.$ref === undefined ? schema : (definitions[schema.$ref.replace('#/$defs/', '')] ?? {})
