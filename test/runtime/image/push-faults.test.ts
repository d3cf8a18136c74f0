// Pushes to Debian's docker-registry through a proxy that spoils them: each ends in the right image there, or in a clear error.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { DriverError, type PushEvent } from '../../../src/driver/driver.ts'
import { findImage } from '../../../src/runtime/image/find.ts'
import { loadArchive } from '../../../src/runtime/image/load.ts'
import { pullInto } from '../../../src/runtime/image/pull/pull.ts'
import { pushFrom } from '../../../src/runtime/image/push/push.ts'
import { nothingSent } from '../../../src/runtime/image/push/shipment.ts'
import { openClient } from '../../../src/runtime/image/registry/client.ts'
import { type ImageStore, openStore } from '../../../src/runtime/image/store.ts'
import { sweepContent } from '../../../src/runtime/image/sweep.ts'
import { tagImage } from '../../../src/runtime/image/tag.ts'
import { randomFrom } from '../../fuzz/random.ts'
import { type Registry, startRegistry, whyNoRegistry } from '../../support/docker-registry.ts'
import { type FaultyProxy, type ProxyFaultiness, startFaultyProxy } from '../../support/faulty-proxy.ts'
import { type FaultyRegistry, startFaulty } from '../../support/faulty-registry.ts'
import { archiveOf, type HeldImage, holdImage, holdIndex } from '../../support/remote-image.ts'
import { foundNative } from './found-native.ts'

const RUNS = Number(process.env.TSCOMPOSE_FAULT_RUNS ?? 200)
const PART_BYTES = 8 << 10
const NEVER = 1 << 30
const native = foundNative()
const signal = new AbortController().signal

describe.runIf(native !== undefined && whyNoRegistry() === undefined)('a push', () => {
  let directory = ''
  let store: ImageStore
  let registry: Registry
  let source: FaultyRegistry | undefined
  let proxy: FaultyProxy | undefined
  let pushes = 0

  beforeAll(async () => {
    registry = await startRegistry()
  })
  afterAll(() => registry.stop())
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'tsc-push-'))
    store = storeAt('data')
  })
  afterEach(async () => {
    await source?.close()
    await proxy?.close()
    rmSync(directory, { recursive: true })
  })

  function storeAt(name: string): ImageStore {
    return openStore({ dataDir: join(directory, name) }, () => native as NonNullable<typeof native>)
  }

  const credential = { kind: 'password', username: 'me', password: 'secret' } as const
  const client = () => openClient({ credentials: async () => credential, signal, timeoutMs: 60, firstPauseMs: 1 })
  const wanted = { platform: { os: 'linux', architecture: 'amd64' }, isStrict: false }
  const onEvent = (): void => undefined

  async function pullInto2(to: ImageStore, image: string): Promise<string> {
    const patient = openClient({ credentials: async () => undefined, signal })
    return pullInto(to, { image, client: patient, wanted, onEvent, signal })
  }

  /** Brings the image into the store from a registry of its own, through nothing. */
  async function have(image: HeldImage, tag: string): Promise<string> {
    await source?.close()
    source = await startFaulty(image, { random: randomFrom(1), oneOf: NEVER })
    const name = `${source.host}/image:${tag}`
    await pullInto2(store, name)
    return name
  }

  /** To a repository of its own each time. */
  async function push(
    name: string,
    faultiness: ProxyFaultiness,
    events: PushEvent[] = [],
  ): Promise<{ readonly repository: string; readonly error?: DriverError }> {
    await proxy?.close()
    proxy = await startFaultyProxy(registry.host, faultiness)
    const repository = `push/r${++pushes}`
    const image = `${proxy.host}/${repository}:1`
    await tagImage(store, name, image, signal)
    const sent = { ...nothingSent(), partBytes: PART_BYTES }
    const order = { image, client: client(), sent, onEvent: (event: PushEvent) => events.push(event), signal }
    try {
      await pushFrom(store, order)
      return { repository }
    } catch (error) {
      if (error instanceof DriverError) return { repository, error }
      throw error
    }
  }

  const contentOf = (random: (below: number) => number): string =>
    Array.from({ length: 2000 + random(60_000) }, () => String.fromCharCode(97 + random(26))).join('')

  test(`ends well or says why, ${RUNS} times over`, async () => {
    const outcomes = { image: 0, error: 0 }
    for (let seed = 1; seed <= RUNS; seed++) {
      const random = randomFrom(seed * 7919)
      const contents = [contentOf(random), contentOf(random), contentOf(random)]
      const isIndex = random(2) === 0
      const image = isIndex ? await holdIndex(contents, ['amd64', 'arm64', 's390x']) : await holdImage(contents)
      const name = await have(image, isIndex ? 'multi' : 'one')
      const { repository, error } = await push(name, { random, oneOf: 2 + random(12) })
      const story = `seed ${seed}: ${error?.message} ${proxy?.log.join(', ')}`
      if (error !== undefined) {
        outcomes.error++
        expect(error.code, story).toMatch(/^(image-unreachable|image-not-found|permission-denied|refused)$/)
        expect(error.message, story).toMatch(/registry|image|127\.0\.0\.1/)
        continue
      }
      outcomes.image++
      await checkThere(repository, image, isIndex)
    }
    expect(outcomes.image).toBeGreaterThan(0)
    expect(outcomes.error).toBeGreaterThan(0)
  })

  /** Every document and every blob is at the registry, and what is pulled from it is the image. */
  async function checkThere(repository: string, image: HeldImage, isIndex: boolean): Promise<void> {
    for (const [place, { data, mediaType }] of image.answers) {
      const isTagged = place.startsWith('manifests/') && !place.includes('sha256:')
      const isOtherIndex = data.includes('"manifests"') && !(isIndex && place.includes(image.indexDigest))
      if (isTagged || isOtherIndex) continue
      const answer = await fetch(`http://${registry.host}/v2/${repository}/${place}`, {
        headers: { accept: mediaType },
      })
      expect([place, answer.status]).toEqual([place, 200])
      expect(Buffer.from(await answer.arrayBuffer()).equals(data)).toBe(true)
    }
    const other = storeAt(`other-${repository.replace('/', '-')}`)
    expect(await pullInto2(other, `${registry.host}/${repository}:1`)).toBe(image.imageId)
    expect(findImage(other, image.imageId)?.indexDigest).toBe(isIndex ? image.indexDigest : undefined)
  }

  test('goes on where a layer was cut off', async () => {
    const random = randomFrom(5)
    const image = await holdImage([contentOf(random), contentOf(random), contentOf(random)])
    const { repository, error } = await push(await have(image, 'one'), {
      random,
      oneOf: 6,
      faults: ['cut', 'cut-answer'],
    })
    expect(error).toBeUndefined()
    await checkThere(repository, image, false)
    expect(proxy?.log.filter((line) => /^PATCH.* cut/.test(line)).length).toBeGreaterThan(0)
    const bytes = image.layers.reduce((sum, { size }) => sum + size, 0)
    expect(proxy?.sentBytes()).toBeLessThan(2 * bytes)
  })

  test.each([405, 501, 416, 404])('sends a layer at once where parts are answered with %i', async (refusesParts) => {
    const random = randomFrom(7)
    const image = await holdImage([contentOf(random)])
    const { repository, error } = await push(await have(image, 'one'), { random, oneOf: NEVER, refusesParts })
    expect(error).toBeUndefined()
    await checkThere(repository, image, false)
  })

  test('sends smaller parts where they are too large, and says so where they always are', async () => {
    const random = randomFrom(9)
    const image = await holdImage([
      Array.from({ length: 900_000 }, () => String.fromCharCode(random(95) + 32)).join(''),
    ])
    const name = await have(image, 'one')
    await proxy?.close()
    for (const [mostBytes, fails] of [
      [300_000, false],
      [1000, true],
    ] as const) {
      proxy = await startFaultyProxy(registry.host, { random, oneOf: NEVER, mostBytes })
      const target = `${proxy.host}/small/r${mostBytes}:1`
      await tagImage(store, name, target, signal)
      const pushed = pushFrom(store, { image: target, client: client(), sent: nothingSent(), onEvent, signal })
      if (fails)
        await expect(pushed).rejects.toMatchObject({ code: 'refused', message: expect.stringContaining('413') })
      else await pushed
      await proxy.close()
    }
    await checkThere('small/r300000', image, false)
  })

  test('sends nothing that is there, and takes over what another repository of the registry has', async () => {
    const random = randomFrom(11)
    const image = await holdIndex([contentOf(random)], ['amd64', 'arm64'])
    const name = await have(image, 'multi')
    expect((await push(name, { random, oneOf: NEVER })).error).toBeUndefined()
    const first = proxy?.host as string
    const again = `${first}/push/r${pushes}:again`
    const before = proxy?.log.length
    await tagImage(store, name, again, signal)
    const sent = nothingSent()
    await pushFrom(store, { image: again, client: client(), sent, onEvent, signal })
    expect(proxy?.log.slice(before).filter((line) => !/^(HEAD|GET) /.test(line))).toEqual([
      `PUT manifests/${image.manifestDigest}`,
      'PUT manifests/again',
    ])
    const events: PushEvent[] = []
    const elsewhere = `${first}/elsewhere:1`
    await tagImage(store, name, elsewhere, signal)
    await pushFrom(store, { image: elsewhere, client: client(), sent, onEvent: (event) => events.push(event), signal })
    const ends = events.flatMap((event) => (event.kind === 'layer' && event.status !== 'waiting' ? [event] : []))
    // What the images share is mounted with the first of them.
    const words = ends.map(({ status, from }) => `${status} ${from}`)
    expect(words.toSorted()).toEqual(
      ['mounted', 'mounted', 'mounted'].map((one) => `${one} push/r${pushes}`).concat('there undefined'),
    )
    await checkThere('elsewhere', image, true)
  })

  test('of several platforms that were loaded from an archive needs no other registry', async () => {
    const random = randomFrom(13)
    const image = await holdIndex([contentOf(random)], ['amd64', 'arm64'])
    const architectures = ['amd64', 'arm64']
    const archive = await archiveOf(image, { name: 'example.com/loaded:1', directory, architectures })
    writeFileSync(join(directory, 'archive.tar'), archive)
    const source = { path: join(directory, 'archive.tar') }
    await loadArchive(store, { source, wanted }, signal)
    // What the sweep would take for nobody's is still the index's.
    await sweepContent(store, signal)
    const { repository, error } = await push('example.com/loaded:1', { random, oneOf: NEVER })
    expect(error).toBeUndefined()
    await checkThere(repository, image, true)
  })
})
