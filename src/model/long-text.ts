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

/**
 * The text with a change that is made in many places, for which an expression would remember all places at once. A piece ends neither with
 * a line end nor between the halves of a character.
 */
export function changeInPieces(text: string, change: (piece: string) => string): string {
  if (text.length <= LOOSE) return change(text)
  const changed = longText()
  for (let at = 0; at < text.length; ) {
    let end = Math.min(at + LOOSE, text.length)
    while (end < text.length && isTorn(text.charCodeAt(end - 1))) end++
    append(changed, change(text.slice(at, end)))
    at = end
  }
  return textOf(changed)
}

const isTorn = (last: number): boolean => last === 10 || (last >= 0xd800 && last <= 0xdbff)
