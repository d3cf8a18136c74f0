/** A mistake in YAML as it is told: its place and words, and the text that is damaged by it. */
import type { YamlError } from './token.ts'

export interface SyntaxFault {
  readonly message: string
  readonly hint: string
  readonly start: number
  readonly end: number
  readonly notes?: readonly { readonly message: string; readonly start: number; readonly end: number }[]
  /** From its first place to its last nothing can be trusted. */
  readonly from: number
  readonly to: number
}

/** Undefined where it sees nothing it knows. */
export type SyntaxRule = (error: YamlError, text: string) => SyntaxFault | undefined
