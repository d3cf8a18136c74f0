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

/** Does the work while holding the lock. The descriptor that holds it may be handed to another process, which then holds it as well. */
export async function underLock<T>(
  addon: NativeAddon,
  request: LockRequest,
  work: (descriptor: number) => T | Promise<T>,
): Promise<T> {
  const descriptor = await lockedDescriptor(addon, request)
  try {
    return await work(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** Waits for the lock; the returned function gives it back. */
export async function takeLock(addon: NativeAddon, request: LockRequest): Promise<() => void> {
  const descriptor = await lockedDescriptor(addon, request)
  return once(() => closeSync(descriptor))
}

async function lockedDescriptor(addon: NativeAddon, request: LockRequest): Promise<number> {
  throwIfCancelled(request.signal)
  return addon.tryLockFile(request.path, request.mode) ?? (await waitForLock(addon, request))
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
