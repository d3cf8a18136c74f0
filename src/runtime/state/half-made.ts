/**
 * Directories that are not whole yet, or not whole any more: `.half-…`. Whoever builds or takes one apart holds a shared
 * lock, so whoever gets the exclusive one knows that all of them are left-overs of commands that were killed.
 */
import { randomHex } from '../../digests.ts'
import type { Runtime } from '../runtime.ts'
import { tryLock, underLock } from './lock.ts'
import type { StatePaths } from './paths.ts'
import { listNames } from './record-file.ts'

const PREFIX = '.half-'

/** Does the work that makes or removes a directory in steps. */
export async function underHalfMadeLock<T>(runtime: Runtime, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const { addon } = runtime.native()
  return underLock(addon, { path: halfMadeLockPath(runtime.paths), mode: 'shared', signal }, work)
}

export function halfMadePath(directory: string): string {
  return `${directory}/${PREFIX}${randomHex(8)}`
}

export function isHalfMade(name: string): boolean {
  return name.startsWith(PREFIX)
}

/** Removes what killed commands left, and tells whether there was anything; leaves it for another time while anybody is at work. */
export async function sweepHalfMade(runtime: Runtime, remove: (directory: string) => Promise<void>): Promise<boolean> {
  const { containersDir, volumesDir } = runtime.paths
  const leftOver = [containersDir, volumesDir].flatMap((directory) =>
    listNames(directory)
      .filter(isHalfMade)
      .map((name) => `${directory}/${name}`),
  )
  if (leftOver.length === 0) return false
  const release = tryLock(runtime.native().addon, { path: halfMadeLockPath(runtime.paths), mode: 'exclusive' })
  if (release === undefined) return false
  try {
    for (const directory of leftOver) await remove(directory)
    return true
  } finally {
    release()
  }
}

export function halfMadeLockPath(paths: StatePaths): string {
  return `${paths.locksDir}/half-made`
}
