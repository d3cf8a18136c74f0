/**
 * Directories that are not whole yet, or not whole any more: `.half-…`. Whoever builds or takes one apart holds a shared
 * lock, so whoever gets the exclusive one knows that all of them are left-overs of commands that were killed.
 */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Runtime } from '../runtime.ts'
import { tryLock, underLock } from './lock.ts'
import { listNames } from './record-file.ts'
import { removeTree } from './remove-tree.ts'

const PREFIX = '.half-'

/** Does the work that makes or removes a directory in steps. */
export async function underHalfMadeLock<T>(runtime: Runtime, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const { addon } = runtime.native()
  return underLock(addon, { path: lockPath(runtime), mode: 'shared', signal }, work)
}

export function halfMadePath(directory: string): string {
  return join(directory, `${PREFIX}${randomBytes(8).toString('hex')}`)
}

export function isHalfMade(name: string): boolean {
  return name.startsWith(PREFIX)
}

/** Removes what killed commands left; leaves it for another time while anybody is at work. */
export async function sweepHalfMade(runtime: Runtime): Promise<void> {
  const { containersDir, volumesDir } = runtime.paths
  const leftOver = [containersDir, volumesDir].flatMap((directory) =>
    listNames(directory)
      .filter(isHalfMade)
      .map((name) => join(directory, name)),
  )
  if (leftOver.length === 0) return
  const release = tryLock(runtime.native().addon, { path: lockPath(runtime), mode: 'exclusive' })
  if (release === undefined) return
  try {
    await Promise.all(leftOver.map(removeTree))
  } finally {
    release()
  }
}

function lockPath({ paths }: Runtime): string {
  return join(paths.locksDir, 'half-made')
}
