import { closeSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { NativeAddon } from '../../../src/runtime/native.ts'
import { loadNative } from '../../../src/runtime/native.ts'
import { takeLock, tryLock, underLock } from '../../../src/runtime/state/lock.ts'
import { whyNotPrivileged } from '../../support/privileged.ts'

const reason = whyNotPrivileged()
if (reason !== undefined) console.warn(`locks are not tested: ${reason}`)

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tscompose-lock-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const addon = (): NativeAddon => loadNative(process.env).addon
const lock = (mode: 'exclusive' | 'shared' = 'exclusive', signal = new AbortController().signal) => ({
  path: join(directory, 'lock'),
  mode,
  signal,
})

test.skipIf(reason)('shared locks stand beside each other, an exclusive one stands alone', async () => {
  const first = await takeLock(addon(), lock('shared'))
  const second = await takeLock(addon(), lock('shared'))
  expect(tryLock(addon(), lock())).toBeUndefined()
  first()
  second()
  const alone = tryLock(addon(), lock())
  expect(alone).toBeDefined()
  expect(tryLock(addon(), lock('shared'))).toBeUndefined()
  alone?.()
})

test.skipIf(reason)('a lock is given back when the work fails', async () => {
  await expect(underLock(addon(), lock(), () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  tryLock(addon(), lock())?.()
})

test.skipIf(reason)("giving back twice closes nobody else's file", async () => {
  const release = await takeLock(addon(), lock())
  release()
  const other = addon().tryLockFile(join(directory, 'other'), 'exclusive')
  release()
  expect(() => closeSync(other ?? -1)).not.toThrow()
})

test.skipIf(reason)('a lock that comes after its waiter has left goes to the next one', async () => {
  const release = await takeLock(addon(), lock())
  const leave = new AbortController()
  const left = takeLock(addon(), lock('exclusive', leave.signal))
  leave.abort()
  await expect(left).rejects.toMatchObject({ code: 'cancelled' })
  const next = takeLock(addon(), lock())
  release()
  ;(await next)()
})

test.skipIf(reason)("a path that can't be locked is a refusal with its step", async () => {
  const missing = { ...lock(), path: join(directory, 'no', 'lock') }
  await expect(takeLock(addon(), missing)).rejects.toMatchObject({
    code: 'refused',
    message: expect.stringContaining('open the lock'),
  })
})
