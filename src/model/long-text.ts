/**
 * Text that is put together from pieces, perhaps millions of them. Node keeps such a text as a tree, thirty bytes and more for each
 * piece, until somebody looks at one of its characters; so that is done now and then.
 */

export interface LongText {
  readonly parts: string[]
  tail: string
}

/** Characters that may wait before they become one flat text. */
const LOOSE = 16_384

export const longText = (start = ''): LongText => ({ parts: [], tail: start })

export function append(text: LongText, piece: string): void {
  text.tail += piece
  if (text.tail.length < LOOSE) return
  text.tail.charCodeAt(0)
  text.parts.push(text.tail)
  text.tail = ''
}

export const textOf = ({ parts, tail }: LongText): string => (parts.length === 0 ? tail : parts.join('') + tail)
