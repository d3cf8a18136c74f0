// `cp` with a container that exchanges a directory for a symlink without end, and tries to lead it to the machine's own files.
// In the weakened run the copy is made by the path that the container's directory has on the machine.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeProbe } from './support/attack-probe.ts'
import { eventually, mustRun, tscompose, writeProject } from './support/cli.ts'
import { privileged, useImages } from './support/privileged.ts'

/** CVE-2018-15664. Each is a command of its own, which takes a tenth of a second. */
const ROUNDS = Math.ceil(Number(process.env.TSCOMPOSE_ROUNDS ?? 50) / 2)

/** Most copies fail, for the directory is a link at that moment: so many are tried until one comes through, which proves that they can. */
const PATIENCE = ROUNDS + 50

const LONG = 120_000 + PATIENCE * 4000

describe.runIf(privileged)('a container that changes its paths while they are copied', () => {
  useImages('busybox')
  let cwd = ''
  const outside = () => join(cwd, 'outside')

  beforeAll(async () => {
    cwd = mkdtempSync(join(tmpdir(), 'tsc-e2e-'))
    chmodSync(cwd, 0o755)
    await makeProbe(cwd)
    for (const name of ['outside', 'volume', 'volume/dir']) mkdirSync(join(cwd, name))
    writeFileSync(join(outside(), 'marker'), 'of the machine\n')
    writeFileSync(join(cwd, 'volume', 'dir', 'marker'), 'of the container\n')
    writeFileSync(join(cwd, 'file'), 'copied\n')
    symlinkSync(outside(), join(cwd, 'volume', 'link'))
    const app = {
      image: 'busybox',
      command: ['/probe/probe', 'swap', '/volume/dir', '/volume/link'],
      volumes: ['./probe:/probe:ro', './volume:/volume'],
      stop_grace_period: '0s',
      network_mode: 'none',
    }
    writeProject(cwd, { 'compose.yaml': JSON.stringify({ name: 'copies', services: { app } }) })
    await mustRun(['up', '-d'], { cwd })
  })
  afterAll(async () => {
    await mustRun(['down', '-v', '-t', '0'], { cwd })
    rmSync(cwd, { recursive: true })
  })

  const tried = async (act: () => unknown): Promise<boolean> => {
    try {
      return Boolean(act())
    } catch {
      return false
    }
  }

  test(
    'a copy into it does not arrive on the machine',
    async () => {
      const hit = join(outside(), 'file')
      await eventually('the control', async () => {
        await tried(() => writeFileSync(join(cwd, 'volume', 'dir', 'file'), 'copied\n'))
        return existsSync(hit) || undefined
      })
      rmSync(hit)
      let arrived = 0
      for (let round = 0; round < ROUNDS || (arrived === 0 && round < PATIENCE); round += 1) {
        arrived += (await tscompose(['cp', 'file', 'app:/volume/dir/file'], { cwd })).code === 0 ? 1 : 0
      }
      expect(arrived).toBeGreaterThan(0)
      expect(existsSync(hit)).toBe(false)
      expect(readFileSync(join(outside(), 'marker'), 'utf8')).toBe('of the machine\n')
    },
    LONG,
  )

  test(
    'a copy out of it brings nothing of the machine',
    async () => {
      const shown = (text: string) => text.includes('of the machine')
      const read = () => readFileSync(join(cwd, 'volume', 'dir', 'marker'), 'utf8')
      await eventually('the control', async () => (await tried(() => shown(read()))) || undefined)
      let brought = 0
      for (let round = 0; round < ROUNDS || (brought === 0 && round < PATIENCE); round += 1) {
        for (const line of ['cp app:/volume/dir/marker -', 'cp -L app:/volume/dir -']) {
          const { stdout, stderr } = await tscompose(line.split(' '), { cwd })
          expect(shown(stdout + stderr)).toBe(false)
          brought += stdout.includes('of the container') ? 1 : 0
        }
      }
      expect(brought).toBeGreaterThan(0)
    },
    LONG,
  )
})
