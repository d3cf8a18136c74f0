/** Sizes in Docker's words: three digits and a decimal unit. */

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']

/** `0B`, `4.26MB`, `332MB`. */
export function humanSize(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000
    unit++
  }
  return `${Number(value.toPrecision(3))}${UNITS[unit]}`
}
