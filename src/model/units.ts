/**
 * Durations and byte sizes: what users write, what Docker Compose prints, and the numbers behind both.
 * https://github.com/compose-spec/compose-spec/blob/main/11-extension.md#specifying-byte-values
 */
import { LONGEST_NUMBER } from './limits.ts'
import { readFloat } from './read-float.ts'

const UNITS_NS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 6e10,
  h: 3.6e12,
  d: 8.64e13,
  w: 6.048e14,
}

/** Some 292 years: nothing longer can be counted in nanoseconds. */
const LONGEST_NS = 2n ** 63n - 1n
/** Characters of one. */
const LONGEST_DURATION = 100

/** `1m30s` in milliseconds; undefined when it is not a duration. */
export function parseDuration(text: string): number | undefined {
  const nanoseconds = parseNanoseconds(text)
  return nanoseconds === undefined ? undefined : Number(nanoseconds) / 1e6
}

function parseNanoseconds(text: string): bigint | undefined {
  if (text.length > LONGEST_DURATION) return undefined
  const signed = /^([-+]?)(.+)$/s.exec(text)
  const [, sign = '', rest = ''] = signed ?? []
  if (rest === '0') return 0n
  let total = 0n
  let at = 0
  for (const part of rest.matchAll(/(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h|d|w)/g)) {
    const [all, whole = '', fraction = '', unit = ''] = part
    if (part.index !== at || whole + fraction === '') return undefined
    const size = UNITS_NS[unit] ?? 0
    const rest = Math.trunc(Number(fraction) * (size / 10 ** fraction.length))
    total += BigInt(whole) * BigInt(size) + BigInt(rest)
    at += all.length
  }
  if (at === 0 || at !== rest.length || total > LONGEST_NS) return undefined
  return sign === '-' ? -total : total
}

/** What Docker Compose makes of a duration the user wrote; undefined when it is none. */
export function canonicalDuration(text: string): string | undefined {
  const nanoseconds = parseNanoseconds(text)
  return nanoseconds === undefined ? undefined : formatNanoseconds(nanoseconds)
}

function formatNanoseconds(nanoseconds: bigint): string {
  if (nanoseconds === 0n) return '0s'
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds
  const sign = nanoseconds < 0n ? '-' : ''
  if (size < 1_000n) return `${sign}${size}ns`
  if (size < 1_000_000n) return `${sign}${fraction(size, 1_000n)}µs`
  if (size < 1_000_000_000n) return `${sign}${fraction(size, 1_000_000n)}ms`
  const minutes = size / 60_000_000_000n
  const seconds = `${fraction(size % 60_000_000_000n, 1_000_000_000n)}s`
  if (minutes === 0n) return sign + seconds
  const hours = minutes / 60n
  return `${sign}${hours === 0n ? '' : `${hours}h`}${minutes % 60n}m${seconds}`
}

function fraction(value: bigint, unit: bigint): string {
  const digits = String(value % unit)
    .padStart(String(unit).length - 1, '0')
    .replace(/0+$/, '')
  return digits === '' ? String(value / unit) : `${value / unit}.${digits}`
}

const POWERS: Readonly<Record<string, number>> = { k: 1, m: 2, g: 3, t: 4, p: 5 }

/** `512m`, `1.5gb`, `2KiB` or digits, in bytes (powers of 1024); undefined when it is not a size. */
export function parseBytes(text: string): number | undefined {
  if (text.length > LONGEST_NUMBER) return undefined
  if (/^[-+]?\d+$/.test(text)) return Number(text)
  const [, digits = '', power = ''] = /^(.*[\d.]) ?(?:([kmgtp])?(?:i?b)?|[kmgtp])$/i.exec(text) ?? []
  const size = readFloat(digits)
  return size === undefined || size < 0 ? undefined : Math.trunc(size * 1024 ** (POWERS[power.toLowerCase()] ?? 0))
}
