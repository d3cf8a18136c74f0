/** Values as Docker Compose's language prints them where a list item or a text is made of another type. */
import type { ScalarNode } from './tree/node.ts'

/** What `fmt.Sprint` gives: `true`, `1.5`, `1e+06`. */
export function sprint(node: ScalarNode): string {
  const { value } = node
  if (value === null) return '<nil>'
  if (typeof value === 'number' && (node.type === 'float' || !Number.isInteger(value))) return sprintFloat(value)
  return String(value)
}

/** A float by `%v`: the shortest digits, with an exponent below 1e-4 and from a million. */
export function sprintFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  if (Object.is(value, -0)) return '-0'
  const size = Math.abs(value)
  return size !== 0 && (size < 1e-4 || size >= 1e6) ? goExponent(value.toExponential()) : String(value)
}

/** Go writes at least two digits of exponent: `1e-07`. */
export const goExponent = (text: string): string => text.replace(/e([+-])(\d)$/, 'e$10$2')

/** The shortest decimal that is the same 32-bit float: what is printed of one. */
export function shortFloat32(value: number): number {
  const single = Math.fround(value)
  for (let digits = 1; digits <= 9; digits++) {
    const candidate = Number(single.toPrecision(digits))
    if (Math.fround(candidate) === single) return candidate
  }
  return single
}
