/**
 * Records that stay as they are for as long as what they describe. There are two of each, and each can tell whether it is whole: a file
 * that a broken disk or a power cut has damaged is replaced by the other as soon as somebody reads it.
 */
import { crc32 } from '../../digests.ts'
import { DriverError } from '../../driver/driver.ts'
import { readRecord, removeIfThere, replaceText, textOf, writeText } from './record-file.ts'

/** Undefined when there is none; `state-broken` when both are damaged, or speak of something else. */
export function readLasting<T extends { readonly version: 1 }>(
  path: string,
  isMeant: (record: T) => boolean,
): T | undefined {
  try {
    return readWhole(path, isMeant) ?? fromCopy(path, isMeant)
  } catch (error) {
    if (!isDamage(error)) throw error
    const copy = fromCopy(path, isMeant)
    if (copy === undefined) throw error
    return copy
  }
}

function fromCopy<T extends { readonly version: 1 }>(path: string, isMeant: (record: T) => boolean): T | undefined {
  const copy = readCopy(path, isMeant)
  if (copy !== undefined) heal(path, copy)
  return copy
}

export function replaceLasting(path: string, record: object): void {
  const text = withSum(record)
  replaceText(path, text)
  replaceText(copyOf(path), text)
}

/** As `replaceLasting`, in a directory that nobody else knows yet. */
export function writeLasting(path: string, record: object): void {
  const text = withSum(record)
  writeText(path, text)
  writeText(copyOf(path), text)
}

/** From the last step on there is none. */
export function removeLasting(path: string): void {
  removeIfThere(copyOf(path))
  removeIfThere(path)
}

function copyOf(path: string): string {
  return `${path}.copy`
}

function readCopy<T extends { readonly version: 1 }>(path: string, isMeant: (record: T) => boolean): T | undefined {
  try {
    return readWhole(copyOf(path), isMeant)
  } catch {
    return undefined
  }
}

/** Who may only read leaves it as it is. */
function heal(path: string, record: object): void {
  try {
    replaceText(path, withSum(record))
  } catch {
    // The copy serves as well.
  }
}

function readWhole<T extends { readonly version: 1 }>(path: string, isMeant: (record: T) => boolean): T | undefined {
  const read = readRecord<T & { readonly sum?: string }>(path)
  if (read === undefined) return undefined
  const { sum, ...record } = read
  // Earlier versions wrote none.
  const isWhole = sum === undefined || sum === sumOf(JSON.stringify(record))
  if (isWhole && isMeant(record as unknown as T)) return record as unknown as T
  throw new DriverError('state-broken', `"${path}" is damaged: it does not say what was written`)
}

function withSum(record: object): string {
  return textOf({ ...record, sum: sumOf(JSON.stringify(record)) })
}

/** Against accidents, not against people, who could write both. Loading Node's cryptography would take `ps` three milliseconds. */
function sumOf(text: string): string {
  return crc32(text).toString(16).padStart(8, '0')
}

function isDamage(error: unknown): boolean {
  return error instanceof DriverError && error.code === 'state-broken'
}
