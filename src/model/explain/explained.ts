/** What `config --explain` tells of one value: plain data, for text and for JSON. */
import type { Location } from '../../diagnostic.ts'
import type { Path } from '../project.ts'

export interface ExplainedValue {
  readonly path: Path
  /** As it counts in the end; a mapping or list that holds nothing is `{}` or `[]`. */
  readonly value: string | number | boolean | null
  readonly origin: ValueOrigin
  /** The ways on which it came in, from the file it was written in to the project. */
  readonly through: readonly Way[]
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
  /** The value of a variable of which only the name was written, or nothing at all. */
  | { readonly kind: 'variable'; readonly at?: Location }
  /** The project's name, given on the command line. */
  | { readonly kind: 'flag'; readonly flag: string }
  /** The project's name, which is that of its directory. */
  | { readonly kind: 'directory' }

export interface ExplainedVariable {
  readonly name: string
  /** What was put in; absent where it is the content of a secret or config. */
  readonly value?: string
  readonly from: 'process' | 'file' | 'flag' | 'directory' | 'default' | 'unset'
  readonly at?: Location
  /** The text it went into, as it was written. */
  readonly template: string
}

export interface ReplacedValue {
  /** As it was written where the content of a secret or config went into it. */
  readonly value: string
  readonly at?: Location
}

/** A way on which something came in. */
export interface Way {
  readonly kind: 'extends' | 'include'
  /** The service that is extended. */
  readonly service?: string
  /** Where the user asked for it. */
  readonly at?: Location
}

/** A way on which part of what is explained came in, and to what. */
export interface Arrival extends Way {
  readonly path: Path
}

export interface Explanation {
  readonly values: readonly ExplainedValue[]
  readonly arrivals: readonly Arrival[]
}
