import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openNativeDriver } from '../../src/driver/native/native-driver.ts'
import { busyboxImage } from '../support/busybox.ts'
import { takeSnapshot } from '../support/leaks.ts'
import { whyNotPrivileged } from '../support/privileged.ts'
import { killWatchers, watchers } from '../support/watchers.ts'
import { describeDriverContract } from './contract.ts'
import { describeCopyContract } from './copy-contract.ts'
import { describeProgramContract } from './program-contract.ts'
import { type DriverSubject, useBench } from './subject.ts'

const reason = whyNotPrivileged()
if (reason !== undefined) console.warn(`the native driver is not tested: ${reason}`)

interface NativeSubject extends DriverSubject {
  readonly root: string
}

async function nativeSubject(): Promise<NativeSubject> {
  const root = mkdtempSync(join(tmpdir(), 'tscompose-native-'))
  const env = { ...process.env, TSCOMPOSE_DATA_DIR: join(root, 'data'), TSCOMPOSE_RUN_DIR: join(root, 'run') }
  const image = `busybox-${randomBytes(4).toString('hex')}`
  await busyboxImage(env, image)
  await busyboxImage(env, `${image}-volume`, ['VOLUME /seed'])
  return {
    driver: openNativeDriver({ env, uid: 0 }),
    image,
    volumeImage: `${image}-volume`,
    snapshot: takeSnapshot,
    root,
    close: async () => rmSync(root, { recursive: true }),
  }
}

describe.skipIf(reason !== undefined)('on this machine', () => {
  describeDriverContract('native', nativeSubject)
  describeProgramContract('native', nativeSubject)
  describeCopyContract(nativeSubject)

  describe('after an accident', () => {
    let root: string
    const bench = useBench(async () => {
      const subject = await nativeSubject()
      root = subject.root
      return subject
    })
    const fileOf = (containerId: string, name: string): string => join(root, 'data', 'containers', containerId, name)

    test('a container whose monitor was killed is watched by another one, and runs as its policy wants it', async () => {
      const containerId = await bench.run({ restart: { kind: 'always', maxRetries: 0 } })
      const monitor = watchers(join(root, 'data')).find((one) => one.kind === 'monitor')
      process.kill(monitor?.pid ?? expect.fail('it is watched'), 'SIGKILL')
      const again = await bench.until(containerId, (one) => one.status === 'running' && one.restartCount === 1)
      expect(again.exitCode).toBe(0)
      expect(await bench.driver.stopContainer(containerId, { timeoutMs: 0 }, bench.signal)).toBe(137)
      await expect.poll(() => watchers(join(root, 'data'))).toEqual([])
    })
    test('a container whose watchers were all killed is told as exited with 137, and can be started again', async () => {
      const containerId = await bench.run({ restart: { kind: 'always', maxRetries: 0 } })
      await killWatchers(watchers(join(root, 'data')))
      const lost = await bench.until(containerId, (one) => one.status === 'exited')
      expect([lost.exitCode, lost.error]).toEqual([137, expect.stringContaining('monitor-lost')])
      await bench.driver.startContainer(containerId, bench.signal)
      expect((await bench.inspect(containerId)).status).toBe('running')
    })
    test('a container whose watchers were all killed can be removed', async () => {
      const containerId = await bench.run()
      await killWatchers(watchers(join(root, 'data')))
      await bench.driver.removeContainer(containerId, { anonymousVolumes: true }, bench.signal)
      expect(await bench.driver.observe('contract', bench.signal)).toMatchObject({ containers: [] })
    })
    test('a container whose watchers were all killed keeps no port and no address', async () => {
      const networkName = await bench.network()
      const port = { hostIp: '', published: { start: 0, end: 0 }, target: 80, protocol: 'tcp' } as const
      const networkMode = { kind: 'networks', endpoints: [{ networkName, aliases: ['web'] }] } as const
      const containerId = await bench.run({ networkMode, ports: [port] })
      const before = (await takeSnapshot()).rules.join('\n')
      await killWatchers(watchers(join(root, 'data')))
      await bench.driver.stopContainer(containerId, {}, bench.signal)
      const [{ ipv4Address = '' } = expect.fail('it was on a network')] = (await bench.inspect(containerId)).endpoints
      expect(ipv4Address).toBe('')
      const after = (await takeSnapshot()).rules.join('\n')
      const [address = expect.fail('the port led to an address')] = /(?<=: )172[.]\d+[.]\d+[.]\d+/.exec(before) ?? []
      expect(after).not.toContain(address)
    })
    test('a container whose control socket is gone can still be stopped', async () => {
      const containerId = await bench.run()
      rmSync(join(root, 'run'), { recursive: true })
      expect(await bench.driver.stopContainer(containerId, {}, bench.signal)).toBe(137)
      expect((await bench.inspect(containerId)).status).toBe('exited')
    })
    test('a damaged state hides no other container, and its own can be removed', async () => {
      const damaged = await bench.run({ containerName: 'app-damaged-1' })
      const whole = await bench.create()
      writeFileSync(fileOf(damaged, 'state.json'), '{"version":1,"status":"run')
      const { containers } = await bench.driver.observe('contract', bench.signal)
      const statuses = Object.fromEntries(containers.map((one) => [one.containerId, one.status]))
      expect(statuses).toEqual({ [damaged]: 'dead', [whole]: 'created' })
      await bench.driver.removeContainer(damaged, { anonymousVolumes: true }, bench.signal)
      await bench.create({ containerName: 'app-damaged-1' })
    })
    test('a state that speaks of a process of somebody else ends nobody', async () => {
      const containerId = await bench.run()
      await bench.driver.stopContainer(containerId, { timeoutMs: 0 }, bench.signal)
      const bystander = spawn('sleep', ['1000'])
      try {
        const state = JSON.parse(readFileSync(fileOf(containerId, 'state.json'), 'utf8')) as object
        const monitor = { pid: bystander.pid, startTime: 1, bootId: 'another boot' }
        writeFileSync(
          fileOf(containerId, 'state.json'),
          JSON.stringify({ ...state, status: 'running', pid: bystander.pid, monitor }),
        )
        await bench.driver.stopContainer(containerId, { timeoutMs: 0 }, bench.signal)
        await bench.driver.removeContainer(containerId, { anonymousVolumes: true }, bench.signal)
        expect(bystander.kill(0)).toBe(true)
      } finally {
        bystander.kill('SIGKILL')
      }
    })
    test.each(['0', '1', '-1', 'this process', 'a bystander'])('a state that names %s ends nobody', async (who) => {
      const containerId = await bench.run()
      await bench.driver.stopContainer(containerId, { timeoutMs: 0 }, bench.signal)
      const bystander = spawn('sleep', ['1000'])
      try {
        const pids = { 'this process': process.pid, 'a bystander': bystander.pid ?? 0 }
        const pid = pids[who as keyof typeof pids] ?? Number(who)
        const path = fileOf(containerId, 'state.json')
        const state = JSON.parse(readFileSync(path, 'utf8')) as object
        writeFileSync(path, JSON.stringify({ ...state, status: 'running', pid, monitor: identityOf(pid) }))
        await bench.driver.stopContainer(containerId, { timeoutMs: 0 }, bench.signal)
        await bench.driver.removeContainer(containerId, { anonymousVolumes: true }, bench.signal)
        expect([bystander.exitCode, bystander.signalCode]).toEqual([null, null])
      } finally {
        bystander.kill('SIGKILL')
      }
    })
    test('what a killed command left half made is gone with the next one that changes something', async () => {
      await bench.create()
      const half = join(root, 'data', 'containers', '.half-0123')
      mkdirSync(join(half, 'work'), { recursive: true })
      await (await bench.driver.lockProject('app', bench.signal))()
      expect(existsSync(half)).toBe(false)
    })
  })
})

/** All that a record can prove a process by. */
function identityOf(pid: number): { readonly pid: number; readonly startTime: number; readonly bootId: string } {
  const stat = pid > 0 ? readFileSync(`/proc/${pid}/stat`, 'utf8') : ''
  const startTime = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? 0)
  return { pid, startTime, bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim() }
}
