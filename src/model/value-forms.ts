/** The forms that values take in a canonical project. A leaf. */

/** A Go duration: `1m30s`. `parseDuration` makes milliseconds of it. */
export type Duration = string
/** A number of bytes in decimal digits: `52428800`. `parseBytes` makes a number of it. */
export type Bytes = string
/** Octal digits with a leading zero: `0440`. */
export type FileMode = string

/** `x-…` keys are kept wherever they were written and mean nothing to Compose. */
export interface Extensible {
  readonly [extension: `x-${string}`]: unknown
}
