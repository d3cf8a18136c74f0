/** The order in which Docker Compose's YAML library writes the keys of a mapping: letters last, numbers by value. */

/** All of Unicode's letters and digits take some tenths of a millisecond to look up: only where keys need it. */
const isLetter = (character: string): boolean => /\p{L}/u.test(character)
const isDigit = (character: string): boolean => /\p{Nd}/u.test(character)

export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let at = 0; at < length; at++)
    if (a.charCodeAt(at) !== b.charCodeAt(at)) return compareFrom(a, b, startOf(a, at))
  return a.length - b.length
}

/** A character outside the first 65,536 takes two places; half of one is none. */
const startOf = (text: string, at: number): number => (isSecondHalf(text.charCodeAt(at)) ? at - 1 : at)
const isSecondHalf = (code: number): boolean => code >= 0xdc00 && code < 0xe000

const characterAt = (text: string, at: number): string => String.fromCodePoint(text.codePointAt(at) ?? 0)

const isLowerLetter = (code: number): boolean => code >= 97 && code <= 122

/** Both have the same characters before `at`, and different ones there. */
function compareFrom(left: string, right: string, at: number): number {
  const [a, b] = [left.charCodeAt(at), right.charCodeAt(at)]
  if (isLowerLetter(a) && isLowerLetter(b)) return a - b
  const [aIsLetter, bIsLetter] = [isLetter(characterAt(left, at)), isLetter(characterAt(right, at))]
  if (aIsLetter && bIsLetter) return byCode(left, right, at)
  if (aIsLetter || bIsLetter) {
    const afterDigit = at > 0 && isDigit(characterAt(left, startOf(left, at - 1)))
    // Behind a digit a letter comes first: `a1b` before `a10`.
    return aIsLetter === afterDigit ? -1 : 1
  }
  return compareNumbers(left, right, at)
}

function compareNumbers(left: string, right: string, at: number): number {
  const [aNumber, bNumber] = [numberAt(left, at), numberAt(right, at)]
  const hasZero = left.charAt(at) === '0' || right.charAt(at) === '0'
  const insideNumber = hasZero && hasLeadingDigit(left, at) ? 1 : 0
  const [aValue, bValue] = [Number(`${insideNumber}${aNumber}`), Number(`${insideNumber}${bNumber}`)]
  return aValue - bValue || aNumber.length - bNumber.length || byCode(left, right, at)
}

const numberAt = (text: string, at: number): string => /^\p{Nd}*/u.exec(text.slice(at))?.[0] ?? ''

/** Whether the digits before `at` are more than zeros, so that a zero here counts. */
function hasLeadingDigit(text: string, at: number): boolean {
  const digits = /\p{Nd}*$/u.exec(text.slice(0, at))?.[0] ?? ''
  return /[^0]/.test(digits)
}

const byCode = (a: string, b: string, at: number): number => (a.codePointAt(at) ?? 0) - (b.codePointAt(at) ?? 0)
