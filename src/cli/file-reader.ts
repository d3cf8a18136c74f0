/** The files of this machine, as the model asks for them. */
import { closeSync, constants, fstatSync, openSync, readSync, realpathSync, statSync } from 'node:fs'
import { LONGEST_FILE } from '../model/limits.ts'
import type { FileReader } from '../model/reader.ts'

export const fileReader: FileReader = {
  read: (path) => (path === '-' ? readAll(0, { patienceMs: 0 }) : ifThere(() => readFile(path))),
  kind: (path) => {
    try {
      const found = statSync(path, { throwIfNoEntry: false })
      return found && (found.isDirectory() ? 'directory' : 'file')
    } catch (error) {
      // Something stands there that can't be looked at: reading it tells why.
      return isAbsence(error) ? undefined : 'file'
    }
  },
  realpath: (path) => {
    try {
      return realpathSync(path)
    } catch {
      return path
    }
  },
}

const ABSENT = new Set(['ENOENT', 'ENOTDIR'])

const isAbsence = (error: unknown): boolean => ABSENT.has((error as NodeJS.ErrnoException).code ?? '')

function ifThere<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch (error) {
    if (isAbsence(error)) return undefined
    throw error
  }
}

/** Opened so that a named pipe without a writer keeps nobody waiting. */
function readFile(path: string): Uint8Array {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    return readAll(fd, { patienceMs: fstatSync(fd).isFIFO() ? PATIENCE_MS : 0 })
  } finally {
    closeSync(fd)
  }
}

/** How long a named pipe is given to find a writer. */
const PATIENCE_MS = 500

/** Codes besides those of the system, as Node itself has some. */
class ReadError extends Error {
  readonly code: string

  constructor(code: 'ERR_FS_FILE_TOO_LARGE' | 'NO_WRITER') {
    super(code)
    this.code = code
  }
}

interface Reading {
  readonly fd: number
  buffer: Buffer
  length: number
  /** How long nothing may still mean that nobody writes yet. */
  patienceMs: number
}

/** All there is to read, but no more than is needed to see that it is too much: a device may never end. */
function readAll(fd: number, { patienceMs }: { readonly patienceMs: number }): Uint8Array {
  const { size } = fstatSync(fd)
  const reading: Reading = { fd, buffer: Buffer.allocUnsafe(Math.min(size, LONGEST_FILE) + 1), length: 0, patienceMs }
  do if (Math.max(size, reading.length) > LONGEST_FILE) throw new ReadError('ERR_FS_FILE_TOO_LARGE')
  while (readSome(reading))
  return reading.buffer.subarray(0, reading.length)
}

/** False at the end. */
function readSome(reading: Reading): boolean {
  if (reading.length === reading.buffer.length)
    reading.buffer = Buffer.concat([reading.buffer], Math.max(2 * reading.length, SMALLEST_PIECE))
  let count = readNow(reading)
  while (count === undefined) {
    wait(PAUSE_MS)
    count = readNow(reading)
  }
  reading.length += count
  return count > 0
}

const SMALLEST_PIECE = 64 * 1024
const PAUSE_MS = 5

/** How many bytes came, 0 at the end; undefined when there is nothing yet. */
function readNow(reading: Reading): number | undefined {
  const { fd, buffer, length, patienceMs } = reading
  try {
    const count = readSync(fd, buffer, length, buffer.length - length, null)
    if (count > 0 || length > 0 || patienceMs === 0) return count
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
    return undefined
  }
  reading.patienceMs -= PAUSE_MS
  if (reading.patienceMs <= 0) throw new ReadError('NO_WRITER')
  return undefined
}

/** Nothing else is to be done meanwhile: all files are read before anything happens. */
function wait(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}
