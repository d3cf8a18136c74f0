/** A decimal number as Docker Compose's language reads it: an exponent, infinity, and underscores between digits. */

const DECIMAL = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i
const INFINITE = /^[-+]?inf(inity)?$/i

/** Undefined for what is no number. */
export function readFloat(text: string): number | undefined {
  const plain = text.includes('_') ? text.replace(/(?<=\d)_(?=\d)/g, '') : text
  if (DECIMAL.test(plain)) return Number(plain)
  return INFINITE.test(plain) ? (plain.startsWith('-') ? -Infinity : Infinity) : undefined
}
