// Weights of block devices hold only with a scheduler that knows them, and no disk of an ordinary machine has it on. So the tests bring a disk of
// their own: a file behind a loop device, scheduled by BFQ, which is told to serve one request after the other.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { beforeEach, describe, expect, test } from 'vitest'
import { slowness } from '../support/pace.ts'
import { mustRun, writeProject } from './support/cli.ts'
import { useFolder } from './support/folder.ts'
import { privileged, useImages } from './support/privileged.ts'

const unified = existsSync('/sys/fs/cgroup/cgroup.controllers')
const MIB = 1 << 20
/** Each of two readers has one half: BFQ serves readers of the same place as if they were one. */
const HALF_MIB = 16 * 1024

const scheduled = ((): boolean => {
  if (!privileged) return false
  try {
    execFileSync('modprobe', ['-a', 'loop', 'bfq'], { stdio: 'ignore' })
  } catch {
    // Built in, or not there at all: the next question is answered either way.
  }
  return existsSync('/sys/block/loop0') && readFileSync('/sys/block/loop0/queue/scheduler', 'utf8').includes('bfq')
})()

describe.runIf(scheduled)('blkio_config weights', () => {
  useImages('busybox')
  let disk = ''
  const here = useFolder({}, async () => {
    await mustRun(['down', '-v', '-t', '0'], here)
    execFileSync('losetup', ['--detach', disk])
  })
  beforeEach(() => {
    disk = attachDisk(join(here.cwd, 'disk'))
  })

  test('four parts of a disk go to one reader and one part to the other', async () => {
    const reader = (half: number, weights: object) => ({
      image: 'busybox',
      network_mode: 'none',
      devices: [`${disk}:/dev/disk:r`],
      command: ['dd', 'if=/dev/disk', 'of=/dev/null', 'bs=64k', 'iflag=direct', `skip=${half * HALF_MIB * 16}`],
      blkio_config: weights,
    })
    const services = {
      four: reader(0, { weight: 800 }),
      one: reader(1, { weight: 900, weight_device: [{ path: disk, weight: 200 }] }),
    }
    writeProject(here.cwd, { 'compose.yaml': JSON.stringify({ name: 'weights', services }) })
    await mustRun(['up', '-d'], here)
    await delay(500 * slowness)
    const began = await bytesRead()
    await delay(3000)
    const now = await bytesRead()
    const [four, one] = [now.four - began.four, now.one - began.one]
    console.info(`weights 4:1 read ${Math.round(four / MIB)} and ${Math.round(one / MIB)} MiB`)
    expect(four / one).toBeGreaterThan(3)
    expect(four / one).toBeLessThan(5)
  })

  async function bytesRead(): Promise<{ readonly four: number; readonly one: number }> {
    const of = async (service: string): Promise<number> => {
      const file = unified ? 'io.stat' : 'blkio/blkio.bfq.io_service_bytes'
      const { stdout } = await mustRun(['exec', '-T', service, 'cat', `/sys/fs/cgroup/${file}`], here)
      return Number(/^7:\d+ (?:Read |.*rbytes=)(\d+)/m.exec(stdout)?.[1])
    }
    return { four: await of('four'), one: await of('one') }
  }
})

function attachDisk(file: string): string {
  writeFileSync(file, '')
  truncateSync(file, 2 * HALF_MIB * MIB)
  const disk = execFileSync('losetup', ['--find', '--show', file], { encoding: 'utf8' }).trim()
  const queue = `/sys/block/${disk.slice('/dev/'.length)}/queue`
  writeFileSync(join(queue, 'scheduler'), 'bfq')
  writeFileSync(join(queue, 'iosched', 'low_latency'), '0')
  writeFileSync(join(queue, 'iosched', 'strict_guarantees'), '1')
  // A turn takes an eighth of a second otherwise, and three seconds hold too few of them to be compared.
  writeFileSync(join(queue, 'iosched', 'timeout_sync'), '10')
  return disk
}
