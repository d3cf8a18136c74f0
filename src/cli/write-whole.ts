/** A file for an answer that is too large to hold: under its name only when it is complete. */
import {
  closeSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { Refusal } from './failure.ts'

export async function writeWhole(
  path: string,
  fill: (write: (data: Uint8Array) => void) => Promise<void>,
): Promise<void> {
  requireDirectory(dirname(path))
  const place = placeOf(path)
  const fresh = `${place}.partial-${process.pid}`
  const descriptor = openSync(fresh, 'w', 0o600)
  try {
    await fill((data) => writeFileSync(descriptor, data))
    fsyncSync(descriptor)
    renameSync(fresh, place)
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

/** What a file takes the place of must be one too: as root, the name of a device would be a file from then on, for everybody. */
function placeOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) return path
  const other = kindOf(found)
  if (other === undefined) return realpathSync(path)
  throw new Refusal(
    `invalid output path: cannot write to a ${other}`,
    `"${path}" is none that a file may replace: name another with -o, or use the standard output`,
  )
}

/** In Docker's words; none for a file. */
function kindOf(found: Stats): string | undefined {
  if (found.isFile()) return undefined
  if (found.isDirectory()) return 'directory'
  if (found.isCharacterDevice()) return 'character device file'
  if (found.isBlockDevice()) return 'block device file'
  return found.isFIFO() ? 'named pipe (FIFO)' : 'socket'
}
