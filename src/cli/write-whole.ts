/** A file for an answer that is too large to hold: under its name only when it is complete. */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { Refusal } from './failure.ts'

export async function writeWhole(
  path: string,
  fill: (write: (data: Uint8Array) => void) => Promise<void>,
): Promise<void> {
  requireDirectory(dirname(path))
  const fresh = `${path}.partial-${process.pid}`
  const descriptor = openSync(fresh, 'w', 0o600)
  try {
    await fill((data) => writeFileSync(descriptor, data))
    fsyncSync(descriptor)
    renameSync(fresh, path)
  } catch (error) {
    rmSync(fresh, { force: true })
    throw error
  } finally {
    closeSync(descriptor)
  }
}

function requireDirectory(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return
  throw new Refusal(`invalid output path: directory "${path}" does not exist`, 'create it, or name another with -o')
}
