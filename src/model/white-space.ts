/** White space as Docker Compose's language knows it: the next-line character belongs to it, a byte order mark does not. */

const SPACE = '[\\t-\\r \\u0085\\u00A0\\u1680\\u2000-\\u200A\\u2028\\u2029\\u202F\\u205F\\u3000]'
const ONE = new RegExp(`^${SPACE}$`)
const LEADING = new RegExp(`^${SPACE}+`)

/** ASCII is told without an expression: whole files are asked about. */
export function isSpace(character: string): boolean {
  const code = character.charCodeAt(0)
  return code < 128 ? code === 32 || (code >= 9 && code <= 13) : ONE.test(character)
}

export const trimStart = (text: string): string => text.replace(LEADING, '')

export function trimEnd(text: string): string {
  let end = text.length
  while (end > 0 && isSpace(text.charAt(end - 1))) end--
  return text.slice(0, end)
}
