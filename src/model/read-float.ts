/** A decimal number as Docker Compose's language reads it: an exponent, infinity, and underscores between digits. */

import { LONGEST_NUMBER } from './limits.ts'

const DECIMAL = /^[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?$/i
const INFINITE = /^[-+]?inf(inity)?$/i

/** Undefined for what is no number, or one that is too large to be told from infinity. */
export function readFloat(text: string): number | undefined {
  if (text.length > LONGEST_NUMBER) return undefined
  const plain = text.includes('_') ? text.replace(/(?<=\d)_(?=\d)/g, '') : text
  if (DECIMAL.test(plain)) return Number.isFinite(Number(plain)) ? Number(plain) : undefined
  return INFINITE.test(plain) ? (plain.startsWith('-') ? -Infinity : Infinity) : undefined
}
