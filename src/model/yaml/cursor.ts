/** A walk over tokens that shows the start of a block and of a key before the token they start with. */
import type { Token, TokenKind } from './token.ts'

export type Kind = TokenKind | 'block-mapping' | 'block-sequence'

export interface Cursor {
  /** What comes next. */
  readonly kind: () => Kind
  /** The token it starts with. */
  readonly token: () => Token
  /** Step over it. */
  readonly next: () => Token
}

const NOTHING: Token = { kind: 'end', start: 0, end: 0, value: '', plain: false, opens: undefined, isKey: false }

export function cursorOver(tokens: readonly Token[]): Cursor {
  let index = 0
  /** How much of what stands before the token was stepped over: 1 the block, 2 the key. */
  let stage = 0
  const token = (): Token => tokens[index] ?? NOTHING
  const kind = (): Kind => {
    const { opens, isKey, kind: own } = token()
    if (opens && stage === 0) return opens === 'mapping' ? 'block-mapping' : 'block-sequence'
    return isKey && stage < 2 ? 'key' : own
  }
  const next = (): Token => {
    const current = token()
    if (current.opens && stage === 0) stage = 1
    else if (current.isKey && stage < 2) stage = 2
    else {
      index = Math.min(index + 1, tokens.length - 1)
      stage = 0
    }
    return current
  }
  return { kind, token, next }
}
