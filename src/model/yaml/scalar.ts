/**
 * What a plain YAML scalar means to Docker Compose: the rules of its YAML library, which are neither YAML 1.1 nor 1.2. Booleans are
 * only true and false; integers may be 0x, 0o, 0b, or octal by a leading zero, with underscores; unquoted dates are timestamps.
 */
import { LONGEST_NUMBER } from '../limits.ts'
import { readFloat } from '../read-float.ts'
import type { Scalar } from '../tree/node.ts'

export interface Resolved {
  readonly value: Scalar
  readonly type?: 'float' | 'timestamp'
}

const WORDS: ReadonlyMap<string, Resolved> = new Map<string, Resolved>([
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, { value: null }] as const),
  ...['true', 'True', 'TRUE'].map((word) => [word, { value: true }] as const),
  ...['false', 'False', 'FALSE'].map((word) => [word, { value: false }] as const),
  ...['.nan', '.NaN', '.NAN'].map((word) => [word, { value: Number.NaN, type: 'float' }] as const),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map(
    (word) => [word, { value: Infinity, type: 'float' }] as const,
  ),
  ...['-.inf', '-.Inf', '-.INF'].map((word) => [word, { value: -Infinity, type: 'float' }] as const),
])

const LONGEST_WORD = 5

const FLOAT = /^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$/
const TIMESTAMP =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:[Tt]|[ \t]+)(\d{1,2}):(\d{1,2}):(\d{1,2})(\.\d+)?[ \t]*(Z|[-+]\d{1,2}(?::\d{2})?)?)?$/

/** The value of an unquoted scalar without a tag. */
export function resolvePlain(source: string): Resolved {
  const word = source.length <= LONGEST_WORD ? WORDS.get(source) : undefined
  if (word) return word
  const first = source.charCodeAt(0)
  const digit = first >= 48 && first <= 57
  if (digit || first === 43 || first === 45)
    return (digit && resolveTimestamp(source)) || resolveNumber(source) || { value: source }
  const fraction = first === 46 ? readFloat(source) : undefined
  return fraction === undefined ? { value: source } : { value: fraction, type: 'float' }
}

export function resolveNumber(source: string): Resolved | undefined {
  const plain = source.replaceAll('_', '')
  const integer = parseInteger(plain)
  if (integer !== undefined) return { value: integer }
  const float = FLOAT.test(plain) ? readFloat(plain) : undefined
  return float === undefined ? undefined : { value: float, type: 'float' }
}

const LARGEST = 2n ** 64n - 1n
const SMALLEST = -(2n ** 63n)

function parseInteger(source: string): number | bigint | undefined {
  const parts = /^([-+]?)(0[xX][\dA-Fa-f]+|0[oO]?[0-7]+|0[bB][01]+|\d+)$/.exec(source)
  const digits = parts?.[2]
  if (!parts || digits === undefined || /^0\d*[89]/.test(digits)) return undefined
  if (digits.length < 16 && !/^0./.test(digits)) return Number(parts[1] + digits)
  if (digits.length > LONGEST_NUMBER) return undefined
  const magnitude = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits)
  const value = parts[1] === '-' ? -magnitude : magnitude
  if (value > LARGEST || value < SMALLEST) return undefined
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value
}

/** An unquoted date, in the form RFC 3339 gives it. */
function resolveTimestamp(source: string): Resolved | undefined {
  const parts = source.charCodeAt(4) === 45 ? TIMESTAMP.exec(source) : null
  if (!parts) return undefined
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone = 'Z'] = parts
  const date = [year, month?.padStart(2, '0'), day?.padStart(2, '0')].join('-')
  const time = [hour, minute, second].map((part) => part.padStart(2, '0')).join(':')
  if (Number.isNaN(Date.parse(`${date}T${time}Z`))) return undefined
  // Nine digits are what its library keeps.
  const digits = fraction.slice(0, 10).replace(/0+$/, '')
  return { value: `${date}T${time}${digits === '.' ? '' : digits}${zone}`, type: 'timestamp' }
}
