// Disks that are full or broken: a command fails with a sentence, what was there stays, and a container never waits for its log.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { busyboxImage } from '../support/busybox.ts'
import { crashPointsOf, failAt } from '../support/crash-points.ts'
import { expectNothingLeft, takeSnapshot } from '../support/leaks.ts'
import { asManyAtThisPace } from '../support/pace.ts'
import { chooseSome, isSoak, soakSeed } from '../support/soak.ts'
import { eventually, mustRun, type Outcome, tscompose } from './support/cli.ts'
import { useFolder } from './support/folder.ts'
import { privileged, useImages } from './support/privileged.ts'

const compose = `
name: disk
services:
  web: { image: busybox, command: sleep 1000, stop_grace_period: 0s, ports: ["127.0.0.1::80"], volumes: ["data:/data"] }
volumes: { data: {} }
`

/** Calls by which things are made. (By `write` Node also wakes its own threads, and aborts when that fails.) */
const WRITES = ['mkdir', 'rename', 'unlink', 'unlinkat', 'rmdir', 'fsync', 'flock', 'connect', 'sendto']

describe.runIf(privileged)('a disk that refuses', { timeout: 3_600_000 }, () => {
  useImages('busybox')
  const here = useFolder({ 'compose.yaml': compose })

  test.each(['ENOSPC', 'EIO'] as const)(
    '%s at any call fails with a sentence, and the next up converges',
    async (errno) => {
      const before = await takeSnapshot()
      const all = (await crashPointsOf(['up', '-d'], here.cwd)).filter(({ call }) => WRITES.includes(call))
      await mustRun(['down', '-v', '-t', '0'], here)
      for (const point of isSoak ? all : chooseSome(all, asManyAtThisPace(8), soakSeed)) {
        const where = `${errno} from ${point.call} ${point.number} on`
        expectSentence(await failAt(point, errno, ['up', '-d'], here.cwd), where)
        await mustRun(['up', '-d'], here)
        expect(
          (await mustRun(['ps', '--status', 'running', '-q'], here)).stdout.trim().split('\n'),
          where,
        ).toHaveLength(1)
        await mustRun(['down', '-v', '-t', '0'], here)
        await expectNothingLeft(before, where)
      }
    },
  )

  test('EIO from fsync keeps an image from being there, and what was there stays', async () => {
    const archive = join(here.cwd, 'rootfs.tar')
    mkdirSync(join(here.cwd, 'rootfs'))
    writeFileSync(join(here.cwd, 'rootfs', 'file'), 'content\n')
    execFileSync('tar', ['-C', join(here.cwd, 'rootfs'), '-cf', archive, '.'])
    const images = async (): Promise<string> => (await mustRun(['image', 'ls', '-q'], here)).stdout
    const list = await images()
    const args = ['image', 'import', archive, 'unsynced']
    const failed = await failAt({ call: 'fsync', number: 1 }, 'EIO', args, here.cwd)
    expect(failed.code).toBe(1)
    expect(failed.stderr).toMatch(/".*": .*input\/output error|sync `.*`/i)
    expect(await images()).toBe(list)
    await mustRun(args, here)
    await mustRun(['image', 'rm', 'unsynced'], here)
  })
})

describe.runIf(privileged)('a disk that is full', () => {
  let root = ''
  let environment: Record<string, string> = {}

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'tsc-full-'))
    for (const name of ['disk', 'project']) mkdirSync(join(root, name))
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', join(root, 'disk')])
    environment = { TSCOMPOSE_DATA_DIR: join(root, 'disk', 'data'), TSCOMPOSE_RUN_DIR: join(root, 'run') }
    await busyboxImage({ ...process.env, ...environment }, 'busybox')
  })
  afterEach(async () => {
    empty()
    await run(['down', '-v', '-t', '0'])
    // The monitors have answered by now, and are leaving.
    await eventually('nobody uses the disk', async () =>
      spawnSync('umount', [join(root, 'disk')]).status === 0 ? true : undefined,
    )
    rmSync(root, { recursive: true })
  })

  test('costs log lines and not the container its time, is told in the log, and hides no exit', async () => {
    const count =
      'i=0; while :; do i=$$((i+1)); echo line $$i; echo $$i >/count/now; [ -e /count/end ] && exit 3; sleep 0.01; done'
    project(`{ image: busybox, command: ["sh", "-c", "${count}"], tmpfs: [/count], stop_grace_period: 0s }`)
    expect((await run(['up', '-d'])).code).toBe(0)
    await eventually('it counts', async () => ((await counted()) > 5 ? true : undefined))
    fill()
    const from = await counted()
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    expect((await counted()) - from).toBeGreaterThan(20)
    empty()
    await eventually('the log tells', async () => ((await run(['logs'])).stdout.includes('lost') ? true : undefined))
    fill()
    expect((await run(['exec', '-T', 'web', 'touch', '/count/end'])).code).toBe(0)
    await eventually('the exit is seen', async () =>
      (await run(['ps', '-a', '--format', '{{.Status}}'])).stdout.startsWith('Exited (3)') ? true : undefined,
    )
  })

  test('refuses the next container by a sentence, and lets down take everything away', async () => {
    project('{ image: busybox, command: sleep 1000, stop_grace_period: 0s }')
    expect((await run(['up', '-d'])).code).toBe(0)
    fill()
    expectSentence(await run(['up', '-d', '--scale', 'web=3']), 'up')
    expect((await run(['ps', '--status', 'running', '-q'])).stdout.trim().split('\n').length).toBeGreaterThan(0)
    expect(await run(['down', '-t', '0'])).toMatchObject({ code: 0 })
    expect((await run(['ps', '-a', '-q'])).stdout).toBe('')
  })

  function project(service: string): void {
    writeFileSync(join(root, 'project', 'compose.yaml'), `name: full\nservices:\n  web: ${service}\n`)
  }

  function run(args: readonly string[]): Promise<Outcome> {
    return tscompose(args, { cwd: join(root, 'project'), environment })
  }

  async function counted(): Promise<number> {
    return Number((await run(['exec', '-T', 'web', 'cat', '/count/now'])).stdout)
  }

  /** To the last block. */
  function fill(): void {
    const { bavail, bsize } = statfsSync(join(root, 'disk'))
    execFileSync(
      'sh',
      [
        '-c',
        'head -c "$1" /dev/zero >"$0"; cat /dev/zero >>"$0" || true',
        join(root, 'disk', 'filler'),
        `${bavail * bsize}`,
      ],
      { stdio: 'ignore' },
    )
  }

  function empty(): void {
    rmSync(join(root, 'disk', 'filler'), { force: true })
  }
})

/** Either it went through all the same, or it says in a sentence what is wrong. */
function expectSentence({ code, stderr }: Outcome, where: string): void {
  expect(stderr, where).not.toMatch(/please report|^ {4}at /m)
  if (code !== 0) expect(stderr, where).toMatch(/error/)
  expect([0, 1], `${where}\n${stderr}`).toContain(code)
}
