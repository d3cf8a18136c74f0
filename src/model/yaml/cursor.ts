/** A walk over tokens that shows the start of a block and of a key before the token they start with. */
import { nextToken, takeToken } from './scan.ts'
import type { Scanner } from './scanner.ts'
import type { Token, TokenKind } from './token.ts'

export type Kind = TokenKind | 'block-mapping' | 'block-sequence'

export interface Cursor {
  /** The token before the next. */
  readonly before: () => Token | undefined
  /** What comes next. */
  readonly kind: () => Kind
  /** The token it starts with. */
  readonly token: () => Token
  /** Step over it. */
  readonly next: () => Token
}

export function cursorOver(scanner: Scanner): Cursor {
  let current: Token | undefined
  let before: Token | undefined
  /** How much of what stands before the token was stepped over: 1 the block, 2 the key. */
  let stage = 0
  const token = (): Token => {
    current ??= nextToken(scanner)
    return current
  }
  const kind = (): Kind => {
    const { opens, isKey, kind: own } = token()
    if (opens && stage === 0) return opens === 'mapping' ? 'block-mapping' : 'block-sequence'
    return isKey && stage < 2 ? 'key' : own
  }
  const next = (): Token => {
    const taken = token()
    if (taken.opens && stage === 0) stage = 1
    else if (taken.isKey && stage < 2) stage = 2
    else {
      takeToken(scanner)
      before = taken
      current = undefined
      stage = 0
    }
    return taken
  }
  return { before: () => before, kind, token, next }
}
