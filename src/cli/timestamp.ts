/** Points in time as `--since` and `--until` take them: RFC 3339, a date, Unix seconds, or how long ago. */

/** Unix time in ms; undefined when the text is none of these. */
export function readTimestamp(text: string, nowMs: number): number | undefined {
  const agoMs = readGoDuration(text)
  if (agoMs !== undefined) return nowMs - agoMs
  if (/^\d+([.]\d+)?$/.test(text)) return Number(text) * 1000
  // Go's short forms mean local time, which is how JavaScript reads a date with a time; a bare date it would take for UTC.
  const written = /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00` : text
  if (!/^\d{4}-\d\d-\d\dT\d\d(:\d\d(:\d\d([.]\d+)?)?)?(Z|[+-]\d\d:\d\d)?$/.test(written)) return undefined
  const timeMs = Date.parse(written.replace(/^(.{13})(?=Z|[+-]|$)/, '$1:00'))
  return Number.isNaN(timeMs) ? undefined : timeMs
}

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
}

/** A duration as Go reads it: `1h30m`, `1.5s`. */
export function readGoDuration(text: string): number | undefined {
  if (!/^([\d.]+(ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined
  let totalMs = 0
  for (const [, count, unit] of text.matchAll(/([\d.]+)(ns|us|µs|ms|s|m|h)/g))
    totalMs += Number(count) * (UNIT_MS[unit as string] as number)
  return Number.isNaN(totalMs) ? undefined : totalMs
}
