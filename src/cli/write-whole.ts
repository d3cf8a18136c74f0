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

type Fill = (write: (data: Uint8Array) => void) => Promise<void>

export async function writeWhole(path: string, fill: Fill): Promise<void> {
  const there = statSync(path, { throwIfNoEntry: false })
  requirePlace(path, there)
  // A device or a pipe takes what is written; it must never be replaced by a file.
  if (there && !there.isFile()) return writeThrough(path, fill)
  await replaceFile(there ? realpathSync(path) : path, fill)
}

async function writeThrough(path: string, fill: Fill): Promise<void> {
  const descriptor = openSync(path, 'w')
  try {
    await fill((data) => writeFileSync(descriptor, data))
  } finally {
    closeSync(descriptor)
  }
}

async function replaceFile(path: string, fill: Fill): Promise<void> {
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

function requirePlace(path: string, there: Stats | undefined): void {
  if (there?.isDirectory()) {
    throw new Refusal(`invalid output path: "${path}" is a directory`, 'name a file in it with -o')
  }
  if (there || statSync(dirname(path), { throwIfNoEntry: false })?.isDirectory()) return
  throw new Refusal(
    `invalid output path: directory "${dirname(path)}" does not exist`,
    'create it, or name another with -o',
  )
}
