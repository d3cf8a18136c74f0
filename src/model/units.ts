/**
 * Durations and byte sizes: what users write, what Docker Compose prints, and the numbers behind both.
 * https://github.com/compose-spec/compose-spec/blob/main/11-extension.md#specifying-byte-values
 */

const MS = 1
const UNITS_MS: Readonly<Record<string, number>> = {
  ns: MS / 1e6,
  us: MS / 1e3,
  µs: MS / 1e3,
  μs: MS / 1e3,
  ms: MS,
  s: 1e3,
  m: 6e4,
  h: 3.6e6,
  d: 8.64e7,
  w: 6.048e8,
}

/** `1m30s` in milliseconds; undefined when it is not a duration. */
export function parseDuration(text: string): number | undefined {
  const nanoseconds = parseNanoseconds(text)
  return nanoseconds === undefined ? undefined : Number(nanoseconds) / 1e6
}

function parseNanoseconds(text: string): bigint | undefined {
  const signed = /^([-+]?)(.+)$/s.exec(text)
  const [, sign = '', rest = ''] = signed ?? []
  if (rest === '0') return 0n
  let total = 0n
  let at = 0
  for (const part of rest.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h|d|w)/g)) {
    if (part.index !== at) return undefined
    const [whole, number = '', unit = ''] = part
    total += BigInt(Math.round(Number(number) * (UNITS_MS[unit] ?? 0) * 1e6))
    at += whole.length
  }
  if (at === 0 || at !== rest.length) return undefined
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

const POWERS: Readonly<Record<string, number>> = { '': 0, k: 1, m: 2, g: 3, t: 4, p: 5 }

/** `512m`, `1.5gb`, `2KiB` or digits, in bytes (powers of 1024); undefined when it is not a size. */
export function parseBytes(text: string): number | undefined {
  if (/^[-+]?\d+$/.test(text)) return Number(text)
  const parts = /^(\d+(?:\.\d+)?|\.\d+) ?(?:([kmgtp])i?b?|b)?$/i.exec(text)
  if (!parts) return undefined
  return Math.trunc(Number(parts[1]) * 1024 ** (POWERS[(parts[2] ?? '').toLowerCase()] ?? 0))
}
