/** The forms of `pull_policy`. Pure. */

export type Policy = 'always' | 'missing' | 'never' | 'build' | { readonly refreshAfterMs: number }

const HOUR_MS = 3_600_000
const UNIT_MS: Readonly<Record<string, number>> = {
  w: 7 * 24 * HOUR_MS,
  d: 24 * HOUR_MS,
  h: HOUR_MS,
  m: 60_000,
  s: 1000,
}

/** As a service has it; the schema has seen that it is one of them. */
export function readPolicy(written: string | undefined): Policy {
  switch (written) {
    case 'always':
    case 'never':
    case 'build':
      return written
    case 'refresh':
      return 'always'
    case 'daily':
      return { refreshAfterMs: 24 * HOUR_MS }
    case 'weekly':
      return { refreshAfterMs: 7 * 24 * HOUR_MS }
    default:
      return written?.startsWith('every_') ? { refreshAfterMs: durationMs(written.slice('every_'.length)) } : 'missing'
  }
}

/** `1d12h` */
function durationMs(text: string): number {
  return [...text.matchAll(/(\d+)([wdhms])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (UNIT_MS[unit ?? ''] ?? 0),
    0,
  )
}
