import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openNativeDriver } from '../../src/driver/native/native-driver.ts'
import { busyboxImage } from '../support/busybox.ts'
import { takeSnapshot } from '../support/leaks.ts'
import { whyNotPrivileged } from '../support/privileged.ts'
import { describeDriverContract } from './contract.ts'
import { describeProgramContract } from './program-contract.ts'
import { type DriverSubject, useBench } from './subject.ts'

const reason = whyNotPrivileged()
if (reason !== undefined) console.warn(`the native driver is not tested: ${reason}`)

async function nativeSubject(): Promise<DriverSubject> {
  const root = mkdtempSync(join(tmpdir(), 'tscompose-native-'))
  const env = { ...process.env, TSCOMPOSE_DATA_DIR: join(root, 'data'), TSCOMPOSE_RUN_DIR: join(root, 'run') }
  const image = `busybox-${randomBytes(4).toString('hex')}`
  await busyboxImage(env, image)
  return {
    driver: openNativeDriver({ env, uid: 0 }),
    image,
    snapshot: takeSnapshot,
    close: async () => rmSync(root, { recursive: true }),
  }
}

describe.skipIf(reason !== undefined)('on this machine', () => {
  describeDriverContract('native', nativeSubject)
  describeProgramContract('native', nativeSubject)

  describe('a container whose monitor is killed', () => {
    const bench = useBench(nativeSubject)

    test('is told as exited with 137, and can be started again', async () => {
      const containerId = await bench.run({ restart: { kind: 'always', maxRetries: 0 } })
      process.kill(await monitorPid(containerId), 'SIGKILL')
      const lost = await bench.until(containerId, (one) => one.status === 'exited')
      expect([lost.exitCode, lost.error]).toEqual([137, expect.stringContaining('monitor-lost')])
      await bench.driver.startContainer(containerId, bench.signal)
      expect((await bench.inspect(containerId)).status).toBe('running')
    })
    test('can be removed', async () => {
      const containerId = await bench.run()
      process.kill(await monitorPid(containerId), 'SIGKILL')
      await bench.driver.removeContainer(containerId, { anonymousVolumes: true }, bench.signal)
      expect(await bench.driver.observe('contract', bench.signal)).toMatchObject({ containers: [] })
    })

    async function monitorPid(containerId: string): Promise<number> {
      const found = (await takeSnapshot()).processes.find(
        (line) => line.includes('tscompose-monitor') && line.includes(containerId),
      )
      return Number(found?.split(' ')[0] ?? expect.fail('its monitor is running'))
    }
  })
})
