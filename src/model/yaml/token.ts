/** What the scanner makes of YAML text and the parser reads. */

export type TokenKind =
  | 'directive'
  | 'document-start'
  | 'document-end'
  | 'end'
  | 'block-end'
  | 'entry'
  | 'key'
  | 'value'
  | '['
  | ']'
  | '{'
  | '}'
  | ','
  | 'alias'
  | 'anchor'
  | 'tag'
  | 'scalar'

export interface Token {
  readonly kind: TokenKind
  readonly start: number
  readonly end: number
  /** Of a scalar the text, of the others their name. */
  readonly value: string
  /** A scalar without quotes, which may be a number. */
  readonly plain: boolean
  /** A block that starts here: the scanner learns of a mapping only when it meets the colon behind its first key. */
  opens: 'mapping' | 'sequence' | undefined
  /** The first token of a key that is followed by its colon. */
  isKey: boolean
}

/** Text that is not YAML. */
export class YamlError extends Error {
  override readonly name = 'YamlError'
  readonly start: number
  readonly end: number
  readonly hint: string | undefined

  constructor(message: string, place: { readonly start: number; readonly end?: number; readonly hint?: string }) {
    super(message)
    this.start = place.start
    this.end = place.end ?? place.start + 1
    this.hint = place.hint
  }
}
