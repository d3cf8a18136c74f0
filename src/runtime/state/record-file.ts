/** Records: small JSON files that are read whole and replaced whole. A reader sees the old one or the new one, never half of one. */
import { readdirSync, readFileSync, renameSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { randomHex } from '../../digests.ts'
import { DriverError } from '../../driver/driver.ts'

/** Undefined when there is none; `state-broken` when what is there is not a record of ours. */
export function readRecord<T extends { readonly version: 1 }>(path: string): T | undefined {
  const text = readUndamaged(path)
  if (text === undefined) return undefined
  const value = parse(path, text)
  if (isRecord(value)) return value as T
  throw new DriverError('state-broken', `"${path}" was written by another version of tscompose, or is damaged`)
}

export function replaceRecord(path: string, record: object): void {
  replaceText(path, textOf(record))
}

/** As `replaceRecord`, in a directory that nobody else knows yet. */
export function writeRecord(path: string, record: object): void {
  writeText(path, textOf(record))
}

export function textOf(record: object): string {
  return `${JSON.stringify(record)}\n`
}

/** Where nothing is yet. Readable by the owner alone: records hold environments, and those hold secrets. */
export function writeText(path: string, text: string): void {
  writeFileSync(path, text, { mode: 0o600, flag: 'wx' })
}

/** Readable by the owner alone. */
export function replaceText(path: string, text: string): void {
  replaceTextBy(dirname(path), path, text)
}

/** By way of a file in that directory, which a command that is killed leaves behind there. */
export function replaceTextBy(directory: string, path: string, text: string): void {
  const fresh = `${directory}/${basename(path)}.new-${randomHex(6)}`
  try {
    writeText(fresh, text)
    renameSync(fresh, path)
  } catch (error) {
    removeIfThere(fresh)
    throw error
  }
}

/** What stands where the file should be, or what the disk makes of it. Whether we may read it is another question. */
const DAMAGE = new Set(['EISDIR', 'ELOOP', 'ENXIO', 'EIO', 'ERR_FS_FILE_TOO_LARGE', 'ERR_STRING_TOO_LONG'])

/** No record of ours is nearly as large; what is would take a minute and all memory to be read. */
const LARGEST_BYTES = 64 * 2 ** 20

/** As `readText`; `state-broken` for what no file of ours can be. */
export function readUndamaged(path: string): string | undefined {
  try {
    const stats = statSync(path, { throwIfNoEntry: false })
    // Reading what is not there would cost an exception.
    if (stats === undefined) return undefined
    const { size } = stats
    if (size > LARGEST_BYTES) throw new DriverError('state-broken', `"${path}" is damaged: it has ${size} bytes`)
    return readText(path)
  } catch (cause) {
    if (!DAMAGE.has((cause as NodeJS.ErrnoException).code ?? '')) throw cause
    throw new DriverError('state-broken', `"${path}" is damaged: ${(cause as Error).message}`, { cause })
  }
}

export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

/** The names in a directory, sorted; none when there is no such directory. */
export function listNames(directory: string): string[] {
  try {
    return readdirSync(directory).sort()
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

/** Also when somebody has put a directory in its place. */
export function removeIfThere(path: string): void {
  try {
    unlinkSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EISDIR') rmSync(path, { recursive: true })
    else if (!isMissing(error)) throw error
  }
}

export function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'ENOENT' || code === 'ENOTDIR'
}

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new DriverError('state-broken', `"${path}" is damaged: ${(cause as Error).message}`, { cause })
  }
}

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'version' in value && value.version === 1
}
