/** The part of JSON Schema that the Compose Specification's schema uses, and where in a document one is. */
import type { Findings } from '../findings.ts'

export interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly properties?: Readonly<Record<string, Schema>>
  readonly patternProperties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: boolean | Schema
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly uniqueItems?: boolean
  /** Forms, no two of which take values of the same type. */
  readonly oneOf?: readonly Schema[]
}

export type Definitions = Readonly<Record<string, Schema>>

/** One step for each key and index on the way down. */
export interface Walk {
  readonly definitions: Definitions
  readonly findings: Findings
  /** Undefined at the root. */
  readonly up?: Walk
  readonly key?: string | number
}

/** The walk goes on below a key or an index. */
export const step = (walk: Walk, key: string | number): Walk => ({
  definitions: walk.definitions,
  findings: walk.findings,
  up: walk,
  key,
})

/** Keys and indices with dots between; empty at the root. */
export function pathOf({ up, key }: Walk): string {
  if (up === undefined) return ''
  return up.up === undefined ? `${key}` : `${pathOf(up)}.${key}`
}

/** The schema itself, where it only refers to another. */
export const resolveSchema = (schema: Schema, definitions: Definitions): Schema =>
  schema.$ref === undefined ? schema : (definitions[schema.$ref.slice('#/$defs/'.length)] ?? {})

export const typesOf = ({ type }: Schema): readonly string[] | undefined => (typeof type === 'string' ? [type] : type)
