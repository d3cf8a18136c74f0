/** Where a scan of YAML text stands. */
import { breakLength, isBlankOrEnd } from './characters.ts'
import type { Token } from './token.ts'

/** Where a key may have started. */
export interface PossibleKey {
  readonly token: number
  readonly start: number
  readonly line: number
  readonly column: number
  /** Nothing but a key can stand here. */
  readonly required: boolean
}

export interface Scanner {
  readonly text: string
  /** Tokens that nobody took yet, and how many were taken before. */
  readonly waiting: Token[]
  taken: number
  /** Where the last token starts. */
  last: number
  /** The end of the text was met. */
  ended: boolean
  /** The handles that the document's %TAG directives declare. */
  readonly handles: Set<string>
  at: number
  line: number
  lineStart: number
  /** The column of the block we are in; -1 outside of all. */
  indent: number
  readonly indents: number[]
  /** The key that may have started, for each level of brackets. */
  readonly keys: (PossibleKey | undefined)[]
  /** Whether a key may start at the next token. */
  keyAllowed: boolean
}

/** Whether we are between brackets. */
export const inFlow = ({ keys }: Scanner): boolean => keys.length > 1
export const columnOf = ({ at, lineStart }: Scanner): number => at - lineStart

export function skipBreak(scanner: Scanner): void {
  scanner.at += breakLength(scanner.text, scanner.at)
  scanner.line++
  scanner.lineStart = scanner.at
}

/** `---` or `...` alone. */
export const isDocumentMark = (text: string, at: number): boolean =>
  (text.startsWith('---', at) || text.startsWith('...', at)) && isBlankOrEnd(text.charCodeAt(at + 3))
