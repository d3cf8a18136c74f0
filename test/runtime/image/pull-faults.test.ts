// A registry that goes wrong at random: each pull ends in the right image or in a clear error, never in a damaged store.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DriverError } from '../../../src/driver/driver.ts'
import { findImage } from '../../../src/runtime/image/find.ts'
import { pullInto } from '../../../src/runtime/image/pull/pull.ts'
import { openClient } from '../../../src/runtime/image/registry/client.ts'
import { type ImageStore, openStore } from '../../../src/runtime/image/store.ts'
import { sweepContent } from '../../../src/runtime/image/sweep.ts'
import { randomFrom } from '../../fuzz/random.ts'
import { type Faultiness, type FaultyRegistry, startFaulty } from '../../support/faulty-registry.ts'
import { type HeldImage, holdImage } from '../../support/remote-image.ts'
import { sha256 } from './archive.ts'
import { foundNative } from './found-native.ts'

const RUNS = Number(process.env.TSCOMPOSE_FAULT_RUNS ?? 200)
const native = foundNative()

describe.runIf(native !== undefined)('a pull from a registry that goes wrong', () => {
  let directory = ''
  let store: ImageStore
  let registry: FaultyRegistry | undefined

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'tsc-faults-'))
    emptyStore('data')
  })
  afterEach(async () => {
    await registry?.close()
    rmSync(directory, { recursive: true })
  })

  function emptyStore(name: string): void {
    store = openStore({ dataDir: join(directory, name) }, () => native as NonNullable<typeof native>)
  }

  async function pull(image: HeldImage, faultiness: Faultiness, tag = 'one'): Promise<string | DriverError> {
    await registry?.close()
    registry = await startFaulty(image, faultiness)
    return pullAgain(tag)
  }

  async function pullAgain(tag: string): Promise<string | DriverError> {
    const { signal } = new AbortController()
    const credential = { kind: 'password', username: 'me', password: 'secret' } as const
    const client = openClient({ credentials: async () => credential, signal, timeoutMs: 150, firstPauseMs: 1 })
    const wanted = { platform: { os: 'linux', architecture: 'amd64' }, isStrict: false }
    const request = { image: `${registry?.host}/image:${tag}`, client, wanted, onEvent: () => undefined, signal }
    try {
      return await pullInto(store, request)
    } catch (error) {
      if (error instanceof DriverError) return error
      throw error
    }
  }

  /** Whatever has a name is what the name says. */
  function checkStore({ diffIds, layers }: HeldImage): void {
    for (const name of readdirSync(store.blobsDir))
      expect(name).toBe(sha256(readFileSync(join(store.blobsDir, name))).slice('sha256:'.length))
    const known = diffIds.map((one) => one.slice('sha256:'.length))
    for (const name of readdirSync(store.layersDir)) {
      expect(known).toContain(name)
      const at = known.indexOf(name)
      expect(existsSync(join(store.layersDir, name, 'fs', `file-${at}`))).toBe(true)
    }
    expect(layers).toHaveLength(diffIds.length)
  }

  const everythingIn = ({ blobsDir, layersDir }: ImageStore): readonly string[] =>
    [blobsDir, layersDir].flatMap((one) => readdirSync(one))

  const contentOf = (random: (below: number) => number): string =>
    Array.from({ length: 2000 + random(60_000) }, () => String.fromCharCode(97 + random(26))).join('')

  test(`ends well or says why, ${RUNS} times over`, async () => {
    const outcomes = { image: 0, error: 0 }
    for (let seed = 1; seed <= RUNS; seed++) {
      const random = randomFrom(seed * 7919)
      const image = await holdImage([contentOf(random), contentOf(random), contentOf(random), contentOf(random)])
      emptyStore(`data-${seed}`)
      const outcome = await pull(image, { random, oneOf: 2 + random(6) }, random(2) === 0 ? 'one' : 'all')
      const story = `seed ${seed}: ${registry?.log.join(', ')}`
      checkStore(image)
      const found = findImage(store, image.imageId)
      if (typeof outcome === 'string') {
        outcomes.image++
        expect(outcome, story).toBe(image.imageId)
        expect(found?.document.rootfs.diff_ids, story).toEqual(image.diffIds)
        expect(
          image.diffIds.every((one) => existsSync(join(store.layersDir, one.slice(7)))),
          story,
        ).toBe(true)
      } else {
        outcomes.error++
        expect(outcome.code, story).toMatch(/^(image-unreachable|image-not-found|permission-denied|refused)$/)
        expect(outcome.message, story).toMatch(/registry|image|127\.0\.0\.1/)
        expect(found, story).toBeUndefined()
      }
      for (const headers of registry?.elsewhere ?? []) expect(headers.authorization, story).toBeUndefined()
      // Nobody uses what is left of a failure, and the sweep takes it away.
      await sweepContent(store, new AbortController().signal)
      if (typeof outcome !== 'string') expect(everythingIn(store), story).toEqual([])
    }
    expect(outcomes.image).toBeGreaterThan(0)
    expect(outcomes.error).toBeGreaterThan(0)
  })

  test('goes on where a layer was cut off, and fetches nothing twice', async () => {
    const random = randomFrom(5)
    const image = await holdImage([contentOf(random)])
    expect(await pull(image, { random, oneOf: 2, faults: ['cut'] })).toBe(image.imageId)
    const blobs = registry?.log.filter((line) => line.includes(image.layers[0]?.digest ?? '')) ?? []
    expect(blobs.length).toBeGreaterThan(1)
    expect(await pullAgain('one')).toBe(image.imageId)
    expect(registry?.log.slice(-1)).toEqual([expect.stringMatching(/^HEAD manifests\/one/)])
  })

  test('of two images at once fetches what they share once', async () => {
    const random = randomFrom(11)
    const image = await holdImage([contentOf(random), contentOf(random)])
    registry = await startFaulty(image, { random, oneOf: 1 << 30 })
    expect(await Promise.all([pullAgain('one'), pullAgain('all')])).toEqual([image.imageId, image.imageId])
    for (const { digest } of image.layers)
      expect(registry.log.filter((line) => line === `GET blobs/${digest}`)).toHaveLength(1)
  })

  test('for another platform names those there are', async () => {
    const image = await holdImage(['x'], 'arm64')
    const outcome = await pull(image, { random: randomFrom(1), oneOf: 1 << 30 }, 'all')
    expect(outcome).toMatchObject({
      code: 'image-not-found',
      message: expect.stringContaining('is not there for linux/amd64'),
      hint: 'it is there for linux/s390x, linux/arm64',
    })
  })
})
