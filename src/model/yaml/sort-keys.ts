/** The order in which Docker Compose's YAML library writes the keys of a mapping: letters last, numbers by value. */

const LETTER = /\p{L}/u
const DIGIT = /\p{Nd}/u

export function compareKeys(a: string, b: string): number {
  const [left, right] = [[...a], [...b]]
  const length = Math.min(left.length, right.length)
  for (let at = 0; at < length; at++) if (left[at] !== right[at]) return compareFrom(left, right, at)
  return left.length - right.length
}

/** Both have the same characters before `at`, and different ones there. */
function compareFrom(left: readonly string[], right: readonly string[], at: number): number {
  const [a = '', b = ''] = [left[at], right[at]]
  const [aIsLetter, bIsLetter] = [LETTER.test(a), LETTER.test(b)]
  if (aIsLetter && bIsLetter) return byCode(a, b)
  if (aIsLetter || bIsLetter) {
    const afterDigit = DIGIT.test(left[at - 1] ?? '')
    // Behind a digit a letter comes first: `a1b` before `a10`.
    return aIsLetter === afterDigit ? -1 : 1
  }
  const [aNumber, bNumber] = [numberAt(left, at), numberAt(right, at)]
  const insideNumber = (a === '0' || b === '0') && hasLeadingDigit(left, at) ? 1 : 0
  const [aValue, bValue] = [Number(`${insideNumber}${aNumber}`), Number(`${insideNumber}${bNumber}`)]
  return aValue - bValue || aNumber.length - bNumber.length || byCode(a, b)
}

function numberAt(text: readonly string[], at: number): string {
  let number = ''
  for (let place = at; DIGIT.test(text[place] ?? ''); place++) number += text[place]
  return number
}

/** Whether the digits before `at` are more than zeros, so that a zero here counts. */
function hasLeadingDigit(text: readonly string[], at: number): boolean {
  for (let place = at - 1; DIGIT.test(text[place] ?? ''); place--) if (text[place] !== '0') return true
  return false
}

const byCode = (a: string, b: string): number => (a.codePointAt(0) ?? 0) - (b.codePointAt(0) ?? 0)
