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

/** The mistakes that more can be said about than where reading stopped; explain-syntax.ts says it. */
export type Mistake = 'tab' | 'quote' | 'colon' | 'no-colon' | 'key' | 'item' | 'comma'

interface Trouble {
  readonly start: number
  readonly end?: number
  readonly hint: string
  readonly mistake?: Mistake
  /** Where the token before it starts, or the bracket it is in. */
  readonly since?: number | undefined
}

/** Text that is not YAML. */
export class YamlError extends Error {
  override readonly name = 'YamlError'
  readonly start: number
  readonly end: number
  readonly hint: string
  readonly mistake: Mistake | undefined
  readonly since: number

  constructor(message: string, { start, end = start + 1, hint, mistake, since = start }: Trouble) {
    super(message)
    this.start = start
    this.end = end
    this.hint = hint
    this.mistake = mistake
    this.since = since
  }
}
