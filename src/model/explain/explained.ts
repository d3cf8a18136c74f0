/** What `config --explain` tells of one value: plain data, for text and for JSON. */
import type { Location } from '../../diagnostic.ts'
import type { Path } from '../project.ts'

export interface ExplainedValue {
  readonly path: Path
  /** As it counts in the end; a mapping or list that holds nothing is `{}` or `[]`. */
  readonly value: string | number | boolean | null
  readonly origin: ValueOrigin
  readonly variables: readonly ExplainedVariable[]
  /** What it replaced, the last one first. */
  readonly replaced: readonly ReplacedValue[]
}

export type ValueOrigin =
  /** Written in a file: a Compose file, or an env or label file that the service names. */
  | { readonly kind: 'file'; readonly at: Location }
  /** What the Compose Specification says where the file says nothing. */
  | { readonly kind: 'default' }
  /** The name of a thing in the engine, made of the project's name and its key. */
  | { readonly kind: 'name' }
  /** Passed on from this process's environment or an env file of the project, because only a name was written. */
  | { readonly kind: 'variable'; readonly at?: Location }

export interface ExplainedVariable {
  readonly name: string
  /** What was put in. */
  readonly value: string
  readonly from: 'process' | 'file' | 'flag' | 'directory' | 'default' | 'unset'
  readonly at?: Location
  /** The text it went into, as it was written. */
  readonly template: string
}

export interface ReplacedValue {
  readonly value: string
  readonly at?: Location
}

/** A way on which part of what is explained came in. */
export interface Arrival {
  readonly path: Path
  readonly kind: 'extends' | 'include'
  /** The service that is extended. */
  readonly service?: string
  /** Where the user asked for it. */
  readonly at?: Location
}

export interface Explanation {
  readonly values: readonly ExplainedValue[]
  readonly arrivals: readonly Arrival[]
}
