/** The lock on one container: held while it starts, is swept, renamed or removed; not while it runs or stops. */
import { existsSync } from 'node:fs'
import { DriverError } from '../../driver/driver.ts'
import type { Runtime } from '../runtime.ts'
import { underLock } from '../state/lock.ts'
import { containerDir } from '../state/paths.ts'

/** `container-not-found` when it is gone, or went while the lock was waited for. */
export async function underContainerLock<T>(
  runtime: Runtime,
  { containerId, signal }: { readonly containerId: string; readonly signal: AbortSignal },
  work: () => T | Promise<T>,
): Promise<T> {
  const path = `${containerDir(runtime.paths, containerId)}/lock`
  refuseGone(runtime, containerId)
  return underLock(runtime.native().addon, { path, mode: 'exclusive', signal }, () => {
    refuseGone(runtime, containerId)
    return work()
  })
}

function refuseGone({ paths }: Runtime, containerId: string): void {
  if (existsSync(containerDir(paths, containerId))) return
  throw new DriverError('container-not-found', `there is no container "${containerId}"`)
}
