/** The functions of templates: Go's own, and those that Docker adds. Pure. */
import { goJson, goText, isTruthy } from './values.ts'

export type TemplateFunction = (...values: readonly unknown[]) => unknown

/** Said of arguments that a function can't do anything with. */
export class TemplateValueError extends Error {}

export const FUNCTIONS: Readonly<Record<string, TemplateFunction>> = {
  and: (...values) => values.find((one) => !isTruthy(one)) ?? values.at(-1),
  or: (...values) => values.find(isTruthy) ?? values.at(-1),
  not: (value) => !isTruthy(value),
  eq: (first, ...others) => others.some((one) => one === first),
  ne: (a, b) => a !== b,
  lt: (a, b) => compare(a, b) < 0,
  le: (a, b) => compare(a, b) <= 0,
  gt: (a, b) => compare(a, b) > 0,
  ge: (a, b) => compare(a, b) >= 0,
  len: lengthOf,
  index: (value, ...keys) => keys.reduce(at, value),
  slice: (value, from = 0, to) => sliceable(value).slice(Number(from), to === undefined ? undefined : Number(to)),
  print: (...values) => values.map(goText).join(''),
  println: (...values) => `${values.map(goText).join(' ')}\n`,
  printf: (format, ...values) => formatted(String(format), values),
  json: goJson,
  lower: (text) => String(text).toLowerCase(),
  upper: (text) => String(text).toUpperCase(),
  title: (text) => String(text).replace(/(?<![\p{L}\p{N}_])\p{L}/gu, (one) => one.toUpperCase()),
  split: (text, separator) => String(text).split(String(separator)),
  join: (values, separator) => list(values).map(goText).join(String(separator)),
  pad: (text, before, after) => `${' '.repeat(Number(before))}${text}${' '.repeat(Number(after))}`,
  truncate: (text, length) => String(text).slice(0, Number(length)),
}

function compare(a: unknown, b: unknown): number {
  if (typeof a !== typeof b || (typeof a !== 'string' && typeof a !== 'number'))
    throw new TemplateValueError('incompatible types for comparison')
  return (a as number) < (b as number) ? -1 : Number((a as number) > (b as number))
}

function lengthOf(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value)
  if (Array.isArray(value)) return value.length
  if (typeof value === 'object' && value !== null) return Object.keys(value).length
  throw new TemplateValueError(`len of ${goText(value)}`)
}

function at(value: unknown, key: unknown): unknown {
  if (Array.isArray(value)) {
    if (typeof key !== 'number') throw new TemplateValueError(`cannot index a list with ${goText(key)}`)
    if (key < 0 || key >= value.length) throw new TemplateValueError(`index out of range: ${key}`)
    return value[key]
  }
  if (typeof value === 'object' && value !== null) return (value as Record<string, unknown>)[String(key)] ?? ''
  throw new TemplateValueError(`cannot index ${goText(value)}`)
}

function sliceable(value: unknown): string | readonly unknown[] {
  if (typeof value === 'string' || Array.isArray(value)) return value
  throw new TemplateValueError(`cannot slice ${goText(value)}`)
}

function list(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  if (value === null || value === undefined) return []
  throw new TemplateValueError(`${goText(value)} is no list`)
}

function formatted(format: string, values: readonly unknown[]): string {
  let next = 0
  return format.replace(/%(-?)(\d*)([vsdqtx%])/g, (_, left: string, width: string, verb: string) => {
    if (verb === '%') return '%'
    const value = values[next++]
    const text = verb === 'q' ? JSON.stringify(goText(value)) : verb === 'x' ? hex(value) : goText(value)
    return left ? text.padEnd(Number(width)) : text.padStart(Number(width))
  })
}

const hex = (value: unknown): string =>
  typeof value === 'number' ? value.toString(16) : Buffer.from(String(value)).toString('hex')
