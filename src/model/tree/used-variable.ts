/** The variables that went into a value, and where each of them comes from. */
import type { Origin } from './source.ts'

export type VariableSource =
  /** The environment of this process. */
  | { readonly kind: 'process' }
  /** A line of an env file, or for the project's name a line of a Compose file. */
  | { readonly kind: 'file'; readonly at: Origin | undefined }
  /** An option of the command line. */
  | { readonly kind: 'flag'; readonly flag: string }
  /** The name of the project's directory. */
  | { readonly kind: 'directory'; readonly path: string }
  /** Not set: the text says what stands in for it. */
  | { readonly kind: 'default' }
  /** Not set, and nothing stands in for it. */
  | { readonly kind: 'unset' }

/** By name; a variable that is not in here is the process's own. */
export type Sources = ReadonlyMap<string, VariableSource>

export interface UsedVariable {
  readonly name: string
  /** What was put in: the variable's value, or what stands in for it. */
  readonly value: string
  readonly from: VariableSource
  /** The text it was put into, as it was written. */
  readonly template: string
}

const PROCESS: VariableSource = { kind: 'process' }

export const sourceOf = (name: string, sources: Sources): VariableSource => sources.get(name) ?? PROCESS
