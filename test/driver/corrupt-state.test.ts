// Files of the state that a disk, a power cut or a hand has damaged: the others are not hidden, and everything can still be taken away.
import { randomBytes } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { DriverError } from '../../src/driver/driver.ts'
import { openNativeDriver } from '../../src/driver/native/native-driver.ts'
import { busyboxImage } from '../support/busybox.ts'
import { takeSnapshot } from '../support/leaks.ts'
import { whyNotPrivileged } from '../support/privileged.ts'
import { chooseSome, isSoak, soakSeed } from '../support/soak.ts'
import { watchers } from '../support/watchers.ts'
import { PROJECT, useBench } from './subject.ts'

/** Each takes the file's path, and what was in it. */
const damages: Readonly<Record<string, (path: string, text: string) => void>> = {
  'is empty': (path) => writeFileSync(path, ''),
  'is cut in the middle': (path, text) => writeFileSync(path, text.slice(0, text.length / 2)),
  'is cut by one byte': (path, text) => writeFileSync(path, text.trimEnd().slice(0, -1)),
  'is full of zeros': (path, text) => writeFileSync(path, '\0'.repeat(text.length)),
  'is noise': (path) => writeFileSync(path, randomBytes(300)),
  'says null': (path) => writeFileSync(path, 'null'),
  'is a list': (path) => writeFileSync(path, '[]'),
  'is an empty record': (path) => writeFileSync(path, '{}'),
  'has only a version': (path) => writeFileSync(path, '{"version":1}'),
  'is of a later version': (path, text) => writeFileSync(path, text.replace('"version":1', '"version":2')),
  'holds other types': (path, text) => writeFileSync(path, text.replaceAll(/:("[^"]*"|\d+|true|false)/g, ':[0]')),
  'speaks of something else': (path, text) => writeFileSync(path, text.replaceAll(/[0-9a-f]{64}/g, 'f'.repeat(64))),
  'has a bit flipped at its beginning': (path, text) => writeFileSync(path, flipped(text, 0.1)),
  'has a bit flipped in its middle': (path, text) => writeFileSync(path, flipped(text, 0.5)),
  'has a bit flipped at its end': (path, text) => writeFileSync(path, flipped(text, 0.9)),
  'is a directory': (path) => replaced(path, () => mkdirSync(path)),
  'is a link to nothing': (path) => replaced(path, () => symlinkSync('/nowhere', path)),
  'is a link to itself': (path) => replaced(path, () => symlinkSync(path, path)),
  'is three gigabytes of nothing': (path) => truncateSync(path, 3 * 2 ** 30),
  'is missing': (path) => rmSync(path),
}

function flipped(text: string, where: number): Buffer {
  const bytes = Buffer.from(text)
  const at = Math.floor(bytes.length * where)
  bytes[at] = (bytes[at] ?? 0) ^ 1
  return bytes
}

function replaced(path: string, make: () => void): void {
  rmSync(path)
  make()
}

const reason = whyNotPrivileged()
const kinds = ['config.json', 'state.json', 'spec.json', 'network.json', 'volume.json', 'endpoint', 'name'] as const
const cases = kinds.flatMap((kind) => Object.keys(damages).map((how) => [kind, how] as const))

describe.skipIf(reason !== undefined)('a file of the state that is damaged', () => {
  let root = ''
  const bench = useBench(async () => {
    root = mkdtempSync(join(tmpdir(), 'tscompose-corrupt-'))
    const env = { ...process.env, TSCOMPOSE_DATA_DIR: join(root, 'data'), TSCOMPOSE_RUN_DIR: join(root, 'run') }
    const image = `busybox-${randomBytes(4).toString('hex')}`
    await busyboxImage(env, image)
    const close = async (): Promise<void> => rmSync(root, { recursive: true })
    return { driver: openNativeDriver({ env, uid: 0 }), image, snapshot: takeSnapshot, close }
  })

  test.each(isSoak ? cases : chooseSome(cases, 20, soakSeed))(
    '%s that %s hides nothing else and keeps nothing from being taken away',
    async (kind, how) => {
      const networkName = await bench.network()
      const labels = { 'com.docker.compose.project': PROJECT }
      await bench.driver.createVolume({ volumeName: 'data', driver: '', driverOptions: {}, labels }, bench.signal)
      const mounts = [{ kind: 'volume', volumeName: 'data', target: '/data', readOnly: false, noCopy: false }] as const
      const networkMode = { kind: 'networks', endpoints: [{ networkName, aliases: [] }] } as const
      const victim = await bench.run({ mounts, networkMode })
      const bystander = await bench.run({ containerName: 'app-other-1' })
      const path = pathOf(kind, victim)
      damages[how]?.(path, readFileSync(path, 'utf8'))

      const { containers } = await bench.driver.observe(PROJECT, bench.signal)
      expect(containers.find((one) => one.containerId === bystander)?.status).toBe('running')
      if (kind === 'config.json' && how !== 'is missing') expect(containers).toHaveLength(2)
      await attempt(() => bench.driver.stopContainer(victim, { timeoutMs: 0 }, bench.signal))
      await attempt(() => bench.driver.startContainer(victim, bench.signal))
      for (const id of [victim, bystander])
        await bench.driver.removeContainer(id, { anonymousVolumes: true }, bench.signal)
      await expect.poll(() => watchers(join(root, 'data')), { timeout: 5_000 }).toEqual([])
      await bench.driver.removeNetwork(networkName, bench.signal)
      await bench.driver.removeVolume('data', bench.signal)
      clearAway(kind, how, networkName)
    },
  )

  function pathOf(kind: (typeof kinds)[number], containerId: string): string {
    const data = join(root, 'data')
    const [networkId = ''] = readdirSync(join(data, 'networks'))
    switch (kind) {
      case 'config.json':
      case 'state.json':
      case 'spec.json':
        return join(data, 'containers', containerId, kind)
      case 'network.json':
        return join(data, 'networks', networkId, kind)
      case 'endpoint':
        return join(data, 'networks', networkId, 'endpoints', `${containerId}.json`)
      case 'volume.json':
        return join(data, 'volumes', 'data', kind)
      case 'name':
        return join(data, 'names', 'containers', 'app-web-1')
    }
  }

  /** A record that is not there at all is none: what it was of is for the next command to clear away, or for nobody. */
  function clearAway(kind: string, how: string, networkName: string): void {
    if (how !== 'is missing' && how !== 'is a link to nothing') return
    if (kind === 'volume.json') rmSync(join(root, 'data', 'volumes', 'data'), { recursive: true, force: true })
    expect(existsSync(join(root, 'data', 'names', 'networks', networkName)) && kind !== 'network.json').toBe(false)
  }
})

/** It may be refused, by a word of ours. */
async function attempt(work: () => Promise<unknown>): Promise<void> {
  await work().catch((error: unknown) => expect(error).toBeInstanceOf(DriverError))
}
