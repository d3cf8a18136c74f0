/** Sizes in Docker's words: some digits and a unit. */

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']

/** Three digits and a decimal unit: `0B`, `4.26MB`, `332MB`. */
export function humanSize(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000
    unit++
  }
  return `${Number(value.toPrecision(3))}${UNITS[unit]}`
}

const BINARY_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']

/** Four digits and a unit of 1024: `984KiB`, `1.082MiB`, `23.54GiB`. */
export function binarySize(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < BINARY_UNITS.length - 1) {
    value /= 1024
    unit++
  }
  return `${Number(value.toPrecision(4))}${BINARY_UNITS[unit]}`
}
