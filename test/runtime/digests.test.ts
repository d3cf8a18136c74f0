import { createHash } from 'node:crypto'
import { crc32 as crc32OfNode } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { borrowDigests, crc32, randomHex, sha256 } from '../../src/digests.ts'
import { loadNative } from '../../src/runtime/native.ts'
import { openRuntime } from '../../src/runtime/runtime.ts'
import { whyNotPrivileged } from '../support/privileged.ts'

const reason = whyNotPrivileged()
if (reason !== undefined) console.warn(`the native digests are not tested: ${reason}`)

const ofNode = (data: string | Uint8Array) => createHash('sha256').update(data).digest('hex')

test.skipIf(reason)('the digests of the native part are those of Node, for bytes and for any text', () => {
  const { addon } = loadNative(process.env)
  fc.assert(fc.property(fc.uint8Array(), (bytes) => addon.sha256(bytes) === ofNode(bytes)))
  // Halves of surrogate pairs too, which have no UTF-8.
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(addon.sha256(text)).toBe(ofNode(text))
      expect(addon.crc32(text)).toBe(crc32OfNode(text))
    }),
  )
  const half = 'a\ud800b'
  expect([addon.sha256(half), addon.crc32(half)]).toEqual([ofNode(half), crc32OfNode(half)])
})

test.skipIf(reason)('once a runtime is opened, the native part answers for Node', () => {
  const before = [sha256('abc'), crc32('abc')]
  const { addon } = loadNative(process.env)
  const asked: string[] = []
  borrowDigests(() => ({ ...addon, crc32: (text) => asked.push(text) && addon.crc32(text) }))
  expect([sha256('abc'), crc32('abc')]).toEqual(before)
  expect(asked).toEqual(['abc'])
  expect(before).toEqual(['ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad', 0x352441c2])
  openRuntime(process.env, 0)
  expect([sha256('abc'), crc32('abc')]).toEqual(before)
  expect(randomHex(32)).toMatch(/^[0-9a-f]{64}$/)
  expect(new Set(Array.from({ length: 100 }, () => randomHex(8))).size).toBe(100)
})

test('where there is no native part, Node answers', () => {
  openRuntime({ ...process.env, TSCOMPOSE_NATIVE_PATH: '/nonexistent' }, 0)
  expect([sha256('abc'), crc32('abc')]).toEqual([ofNode('abc'), 0x352441c2])
  expect(randomHex(8)).toMatch(/^[0-9a-f]{16}$/)
})
