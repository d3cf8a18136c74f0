/** `runtime:`: the program of another OCI runtime that makes a container's sandbox. */
import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, isAbsolute, join } from 'node:path'
import { DriverError } from '../../../driver/driver.ts'

/** The names that Docker Engine has for the runtime it takes when none is asked for: with us, our own sandbox. */
const DEFAULT_RUNTIMES = new Set(['', 'runc', 'io.containerd.runc.v2', 'tscompose'])

export function isForeign(runtime = ''): boolean {
  return !DEFAULT_RUNTIMES.has(runtime)
}

/** A container that asks for another runtime is never quietly given ours. Returns its absolute path; undefined for our own sandbox. */
export function findRuntime(runtime = '', searchPath?: string): string | undefined {
  if (!isForeign(runtime)) return undefined
  if (isAbsolute(runtime)) return isProgram(runtime) ? runtime : refuse(runtime, 'name a program that is there')
  if (!/^[\w-]+$/.test(runtime)) {
    return refuse(
      runtime,
      'name a program such as "crun", or give its absolute path: there is no containerd here that would know more names',
    )
  }
  const found = (searchPath ?? process.env.PATH ?? '')
    .split(delimiter)
    .filter(isAbsolute)
    .map((directory) => join(directory, runtime))
    .find(isProgram)
  return found ?? refuse(runtime, `install it, or leave "runtime" out: containers need no program but ours`)
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

function refuse(runtime: string, hint: string): never {
  throw new DriverError('unsupported', `there is no OCI runtime "${runtime}" on this machine`, { hint })
}
