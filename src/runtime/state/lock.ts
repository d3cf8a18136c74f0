/** Locks between processes, held by the kernel: whoever dies gives them back. */
import { closeSync } from 'node:fs'
import { DriverError } from '../../driver/driver.ts'
import { calledBack } from '../called-back.ts'
import type { LockMode, NativeAddon } from '../native.ts'

export interface LockRequest {
  readonly path: string
  readonly mode: LockMode
  /** Ends the waiting. */
  readonly signal: AbortSignal
  /** Told when it has to be waited for. */
  readonly onWait?: () => void
}

/** Does the work while holding the lock. */
export async function underLock<T>(addon: NativeAddon, request: LockRequest, work: () => T | Promise<T>): Promise<T> {
  const release = await takeLock(addon, request)
  try {
    return await work()
  } finally {
    release()
  }
}

/** Waits for the lock; the returned function gives it back. */
export async function takeLock(addon: NativeAddon, request: LockRequest): Promise<() => void> {
  throwIfCancelled(request.signal)
  const descriptor = addon.tryLockFile(request.path, request.mode) ?? (await waitForLock(addon, request))
  return once(() => closeSync(descriptor))
}

/** The lock if it is free now. */
export function tryLock(addon: NativeAddon, request: Omit<LockRequest, 'signal'>): (() => void) | undefined {
  const descriptor = addon.tryLockFile(request.path, request.mode)
  return descriptor === null ? undefined : once(() => closeSync(descriptor))
}

export function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new DriverError('cancelled', 'cancelled', { cause: signal.reason })
}

function waitForLock(addon: NativeAddon, { path, mode, signal, onWait }: LockRequest): Promise<number> {
  onWait?.()
  return calledBack<number>(signal, (done) => addon.lockFile(path, mode, done), closeSync)
}

function once(run: () => void): () => void {
  let done = false
  return () => {
    if (done) return
    done = true
    run()
  }
}
