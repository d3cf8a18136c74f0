// What else may befall a command: signals, a limit on open files, another one that was killed with the lock, and things of others.
import { execFile, execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { expectNothingLeft, takeSnapshot } from '../support/leaks.ts'
import { atThisPace } from '../support/pace.ts'
import { isSoak } from '../support/soak.ts'
import { killWatchers, watchers } from '../support/watchers.ts'
import { eventually, mustRun, type Outcome, program, start, stateEnvironment, writeProject } from './support/cli.ts'
import { useFolder } from './support/folder.ts'
import { privileged, useImages } from './support/privileged.ts'

const sleeper = (more = ''): string => `{ image: busybox, command: sleep 1000, stop_grace_period: 0s${more} }`
const compose = `
name: faults
services:
  one: ${sleeper(', scale: 2')}
  two: ${sleeper(', depends_on: [one], ports: ["127.0.0.1::80"]')}
`

describe.runIf(privileged)('a command', () => {
  useImages('busybox')
  const here = useFolder({ 'compose.yaml': compose })

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGPIPE'] as const)(
    'that gets %s at any moment ends within a second, and the next up converges',
    async (signal) => {
      for (const afterMs of [60, 90, 120, 150]) {
        const child = start(['up', '-d'], here)
        const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
        await delay(afterMs)
        const since = Date.now()
        child.kill(signal)
        const code = await ended
        expect(Date.now() - since).toBeLessThan(atThisPace(1_000))
        if (signal === 'SIGINT' || signal === 'SIGTERM') expect([0, 130]).toContain(code ?? 130)
        await mustRun(['up', '-d'], here)
        expect((await mustRun(['ps', '--status', 'running', '-q'], here)).stdout.trim().split('\n')).toHaveLength(3)
        await mustRun(['down', '-t', '0'], here)
      }
    },
  )

  test('whose terminal is gone goes on to its end', async () => {
    const child = start(['up', '-d'], here)
    child.stdout.destroy()
    child.stderr.destroy()
    await new Promise((resolve) => child.on('close', resolve))
    await mustRun(['up', '-d'], here)
    expect((await mustRun(['ps', '--status', 'running', '-q'], here)).stdout.trim().split('\n')).toHaveLength(3)
  })

  test('that was killed with the lock in its hands does not keep the next one waiting', async () => {
    const never = ', healthcheck: { test: ["CMD", "false"], interval: 1s, start_period: 60s }'
    writeFileSync(join(here.cwd, 'compose.yaml'), `name: faults\nservices:\n  never: ${sleeper(never)}\n`)
    const holder = start(['up', '-d', '--wait'], here)
    const ended = new Promise((resolve) => holder.on('close', resolve))
    await eventually('it waits', async () => (watchers().length > 0 ? true : undefined))
    holder.kill('SIGKILL')
    await ended
    const since = Date.now()
    await mustRun(['stop', '-t', '0'], here)
    expect(Date.now() - since).toBeLessThan(atThisPace(2_000))
  })

  test('that follows a flood over its rotations shows all of it, in order', async () => {
    const last = isSoak ? 10_000_000 : 300_000
    const logging = `{ options: { max-size: ${isSoak ? '1m' : '64k'}, max-file: "5000" } }`
    const flood = `{ image: busybox, command: seq 1 ${last}, network_mode: none, logging: ${logging} }`
    writeProject(here.cwd, { 'compose.yaml': `name: faults\nservices:\n  flood: ${flood}\n` })
    await mustRun(['up', '-d'], here)
    const child = start(['logs', '-f', '--no-log-prefix'], here)
    let next = 1
    for await (const line of createInterface({ input: child.stdout })) {
      if (line !== String(next)) break
      next += 1
    }
    child.stdout.resume()
    expect(next).toBe(last + 1)
  }, 600_000)

  test('with 64 open files brings many services up, or says that they are too few', async () => {
    const count = isSoak ? 100 : 30
    const services = Array.from({ length: count }, (_, index) => `  s${index}: ${sleeper()}`)
    writeFileSync(join(here.cwd, 'compose.yaml'), `name: faults\nservices:\n${services.join('\n')}\n`)
    const outcome = await limited(64, ['up', '-d'])
    expect(outcome.stderr).not.toMatch(/please report|^ {4}at /m)
    if (outcome.code !== 0) expect(outcome.stderr).toMatch(/too many open files.*raise "ulimit -n"/is)
    await mustRun(['up', '-d'], here)
    expect((await mustRun(['ps', '--status', 'running', '-q'], here)).stdout.trim().split('\n')).toHaveLength(count)
    expect((await limited(64, ['down', '-t', '0'])).stderr).not.toMatch(/please report|^ {4}at /m)
  })

  test('sweeps what killed watchers have left of its own, and touches nothing of others', async () => {
    const foreign = makeForeign()
    try {
      const others = await takeSnapshot()
      await mustRun(['up', '-d'], here)
      await killWatchers()
      await mustRun(['down', '-t', '0'], here)
      await expectNothingLeft(others)
    } finally {
      foreign.remove()
    }
  })

  function limited(files: number, args: readonly string[]): Promise<Outcome> {
    const env = { ...process.env, ...stateEnvironment() }
    return new Promise((resolve) => {
      const script = `ulimit -n ${files} && exec "$@"`
      execFile('sh', ['-c', script, 'sh', program, ...args], { ...here, env }, (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code ?? 1), signal: error?.signal ?? null, stdout, stderr }),
      )
    })
  }
})

/** Of the kinds that we make, and named nearly as ours: a bridge, a table, a set of rules, control groups. */
function makeForeign(): { readonly remove: () => void } {
  const groups = readdirSync('/sys/fs/cgroup')
    .map((hierarchy) => join('/sys/fs/cgroup', hierarchy, 'tscompose', 'f'.repeat(63)))
    .filter((group) => group.includes('freezer') || group.includes('unified'))
  for (const group of groups) mkdirSync(group, { recursive: true })
  execFileSync('ip', ['link', 'add', 'tscforeign0', 'type', 'bridge'])
  execFileSync('nft', [
    'add table inet tscomposed; add set inet tscomposed bridges { type ifname; elements = { "tscforeign0" }; }',
  ])
  return {
    remove: () => {
      execFileSync('nft', ['delete', 'table', 'inet', 'tscomposed'])
      execFileSync('ip', ['link', 'delete', 'tscforeign0'])
      for (const group of groups) rmdirSync(group)
    },
  }
}

describe.runIf(privileged && isSoak)('a crash loop of fifty containers', { timeout: 300_000 }, () => {
  useImages('busybox')

  test('takes less than a tenth of a processor after its first minute', async () => {
    const cwd = writeProject(mkdtempSync(join(tmpdir(), 'tsc-loop-')), {
      'compose.yaml':
        'name: loop\nservices:\n  bad: { image: busybox, command: "false", restart: always, scale: 50 }\n',
    })
    try {
      await mustRun(['up', '-d'], { cwd })
      await delay(60_000)
      const from = busyTicks()
      // Long enough for each to be started once.
      await delay(65_000)
      const share = (busyTicks() - from) / 100 / 65
      console.info(`fifty crash loops take ${(share * 100).toFixed(1)} % of a processor`)
      expect(share).toBeLessThan(0.1)
    } finally {
      await mustRun(['down', '-t', '0'], { cwd })
      rmSync(cwd, { recursive: true })
    }
  })

  /** Of the watchers and the children they have waited for. */
  function busyTicks(): number {
    return watchers()
      .map(
        ({ pid }) =>
          execFileSync('cat', [`/proc/${pid}/stat`], { encoding: 'utf8' })
            .split(') ')[1]
            ?.split(' ') ?? [],
      )
      .reduce((sum, fields) => sum + fields.slice(11, 15).reduce((all, ticks) => all + Number(ticks), 0), 0)
  }
})
