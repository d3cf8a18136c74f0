/**
 * The process's two outputs, written at once and in order. They go to the descriptors directly: Node's stream objects cost
 * milliseconds to make and lose what is queued when the process ends.
 */
import { fstatSync, writeSync } from 'node:fs'

/** Where a command's words go; tests give one that collects. */
export interface Output {
  readonly out: (text: string | Uint8Array) => void
  readonly err: (text: string | Uint8Array) => void
  readonly outIsTerminal: boolean
  readonly errIsTerminal: boolean
}

/** The reader of our output went away: nobody is left to tell, so nothing is said. */
export class OutputClosed extends Error {
  override readonly name = 'OutputClosed'
}

export function processOutput(): Output {
  return {
    out: (text) => writeAll(1, text),
    err: (text) => writeAll(2, text),
    get outIsTerminal() {
      return isTerminal(1)
    },
    get errIsTerminal() {
      return isTerminal(2)
    },
  }
}

/** Whether the descriptor is a terminal. `node:tty` is only loaded for what can be one. */
export function isTerminal(fd: number): boolean {
  try {
    const status = fstatSync(fd)
    const canBeOne = status.isCharacterDevice() && majorOf(status.rdev) !== MEMORY_DEVICES
    return canBeOne && process.getBuiltinModule('node:tty').isatty(fd)
  } catch {
    return false
  }
}

/** `/dev/null` and its neighbours: output goes there often, and `node:tty` takes milliseconds to load. */
const MEMORY_DEVICES = 1
const majorOf = (rdev: number): number => (rdev >> 8) & 0xfff

function writeAll(fd: number, text: string | Uint8Array): void {
  let rest = typeof text === 'string' ? Buffer.from(text) : text
  while (rest.length > 0) rest = rest.subarray(writeSome(fd, rest))
}

function writeSome(fd: number, bytes: Uint8Array): number {
  try {
    return writeSync(fd, bytes)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EPIPE') throw new OutputClosed('the reader of the output has gone', { cause: error })
    if (code !== 'EAGAIN') throw error
    // A parent set the pipe non-blocking and has not read yet.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2)
    return 0
  }
}
