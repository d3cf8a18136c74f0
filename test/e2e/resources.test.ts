// Limits, as the kernel was told them and as they hold. Processor time is measured as the container's own, by its control
// group, below a parent that weighs more than all else on the machine: others may be at work here.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { expectNothingLeft, takeSnapshot } from '../support/leaks.ts'
import { slowness } from '../support/pace.ts'
import { eventually, mustRun, tscompose, writeProject } from './support/cli.ts'
import { privileged, useImages } from './support/privileged.ts'

const unified = existsSync('/sys/fs/cgroup/cgroup.controllers')
const HEAVY = '/tsc-e2e-heavy'
const heavy = join('/sys/fs/cgroup', unified ? '' : 'cpu', HEAVY)

/** A whole disk that /dev knows. */
const disk = readdirSync('/sys/block')
  .map((name) => `/dev/${name}`)
  .find((path) => existsSync(path) && !/\/(loop|zram|ram|sr)/.test(path))

describe.runIf(privileged)('limits', () => {
  useImages('busybox', 'stress-ng')
  let cwd = ''
  let before: Awaited<ReturnType<typeof takeSnapshot>>

  beforeEach(async () => {
    before = await takeSnapshot()
    cwd = mkdtempSync(join(tmpdir(), 'tsc-e2e-'))
  })
  afterEach(async () => {
    await mustRun(['down', '-v', '-t', '1'], { cwd })
    rmSync(cwd, { recursive: true })
    if (existsSync(heavy)) rmdirSync(heavy)
    await expectNothingLeft(before)
  })

  type Services = Readonly<Record<string, Readonly<Record<string, unknown>>>>
  function write(services: Services): void {
    const common = { image: 'busybox', command: ['sleep', '1000'], network_mode: 'none', stop_grace_period: '0s' }
    const all = Object.entries(services).map(([name, service]) => [name, { ...common, ...service }])
    writeProject(cwd, { 'compose.yaml': JSON.stringify({ name: 'limits', services: Object.fromEntries(all) }) })
  }
  async function up(services: Services): Promise<string> {
    write(services)
    return (await mustRun(['up', '-d'], { cwd })).stderr
  }
  async function refused(service: Readonly<Record<string, unknown>>): Promise<string> {
    write({ app: service })
    const { code, stderr } = await tscompose(['up', '-d'], { cwd })
    expect(code).toBe(1)
    return stderr
  }
  const inside = async (service: string, line: string): Promise<string> =>
    (await tscompose(['exec', '-T', service, 'sh', '-c', line], { cwd })).stdout.trim()
  /** The value of a limit, which each version of control groups has in a file of its own. */
  const value = (service: string, v1: string, v2: string): Promise<string> =>
    inside(service, `cat /sys/fs/cgroup/${unified ? v2 : v1}`)
  /** On the busy machine of the tests only what happens inside of the parent counts. */
  function makeHeavy(): void {
    mkdirSync(heavy, { recursive: true })
    if (unified) writeFileSync(join(heavy, '..', 'cgroup.subtree_control'), '+cpu')
    writeFileSync(join(heavy, unified ? 'cpu.weight' : 'cpu.shares'), unified ? '10000' : '262144')
  }
  const usedMs = async (service: string): Promise<number> =>
    unified
      ? Number(/usage_usec (\d+)/.exec(await value(service, '', 'cpu.stat'))?.[1]) / 1e3
      : Number(await value(service, 'cpuacct/cpuacct.usage', '')) / 1e6

  test('are written where the kernel reads them', async () => {
    await up({
      app: {
        cpu_shares: 512,
        cpu_quota: 20000,
        cpu_period: 50000,
        cpuset: '0',
        mem_limit: '64m',
        memswap_limit: '96m',
        mem_reservation: '32m',
        pids_limit: 33,
      },
      deployed: {
        deploy: { resources: { limits: { cpus: '0.25', memory: '48m', pids: 21 }, reservations: { memory: '8m' } } },
      },
      open: { mem_limit: '64m', memswap_limit: -1 },
    })
    expect(await value('app', 'cpu/cpu.shares', 'cpu.weight')).toBe(unified ? '20' : '512')
    expect(await value('app', 'cpu/cpu.cfs_quota_us', 'cpu.max')).toBe(unified ? '20000 50000' : '20000')
    expect(await inside('app', 'nproc')).toBe('1')
    expect(await value('app', 'memory/memory.limit_in_bytes', 'memory.max')).toBe(`${64 << 20}`)
    expect(await value('app', 'memory/memory.soft_limit_in_bytes', 'memory.low')).toBe(`${32 << 20}`)
    expect(await value('app', 'memory/memory.memsw.limit_in_bytes', 'memory.swap.max')).toBe(
      `${(unified ? 32 : 96) << 20}`,
    )
    expect(await value('app', 'pids/pids.max', 'pids.max')).toBe('33')
    expect(await value('deployed', 'cpu/cpu.cfs_quota_us', 'cpu.max')).toBe(unified ? '25000 100000' : '25000')
    expect(await value('deployed', 'memory/memory.limit_in_bytes', 'memory.max')).toBe(`${48 << 20}`)
    expect(await value('deployed', 'memory/memory.soft_limit_in_bytes', 'memory.low')).toBe(`${8 << 20}`)
    expect(await value('deployed', 'pids/pids.max', 'pids.max')).toBe('21')
    const noSwapLimit = await value('open', 'memory/memory.memsw.limit_in_bytes', 'memory.swap.max')
    expect(noSwapLimit).toMatch(/^(max|9223372036854771712)$/)
  })

  test('that contradict each other, or this machine, are refused by name', async () => {
    expect(await refused({ memswap_limit: '64m' })).toContain('needs a memory limit too')
    expect(await refused({ mem_limit: '32m', mem_reservation: '64m' })).toContain('("mem_reservation") is above')
    expect(await refused({ cpus: 1, cpu_quota: 5000 })).toContain('they set the same thing')
    expect(await refused({ cpuset: '4000' })).toContain('the processors of this machine are 0')
    if (!unified) {
      expect(await refused({ cpu_rt_runtime: 95000, cpu_rt_period: 100000 })).toContain('cpu.rt_runtime_us')
    }
  })

  test.runIf(!unified)('mem_swappiness and oom_kill_disable are for control groups v1', async () => {
    await up({ app: { mem_limit: '32m', memswap_limit: '32m', mem_swappiness: 17, oom_kill_disable: true } })
    expect(await value('app', 'memory/memory.swappiness', '')).toBe('17')
    expect(await value('app', 'memory/memory.oom_control', '')).toContain('oom_kill_disable 1')
  })

  test.runIf(unified)('what only control groups v1 know is told', async () => {
    const stderr = await up({ app: { mem_limit: '32m', mem_swappiness: 17, oom_kill_disable: true } })
    expect(stderr).toContain('"mem_swappiness" of service "app" has no effect')
    expect(stderr).toContain('"oom_kill_disable" of service "app" has no effect')
  })

  test.runIf(disk !== undefined)('blkio_config: disks are as slow as was asked for', async () => {
    const rates = { device_read_bps: [{ path: disk, rate: '2mb' }], device_write_iops: [{ path: disk, rate: 500 }] }
    await up({ app: { blkio_config: rates }, free: {} })
    const numbers = (await inside('app', `cat /sys/block/${disk?.slice(5)}/dev`)).trim()
    const read = await value('app', 'blkio/blkio.throttle.read_bps_device', 'io.max')
    expect(read).toContain(unified ? `${numbers} rbps=2097152` : `${numbers} 2097152`)
    const written = await value('app', 'blkio/blkio.throttle.write_iops_device', 'io.max')
    expect(written).toContain(unified ? 'wiops=500' : `${numbers} 500`)
    expect(await value('free', 'blkio/blkio.throttle.read_bps_device', 'io.max')).toBe('')
    await mustRun(['down'], { cwd })
    expect(await refused({ blkio_config: { weight: 5 } })).toContain('a weight of block devices')
    const partition = { device_read_bps: [{ path: '/dev/null', rate: '1mb' }] }
    expect(await refused({ blkio_config: partition })).toContain('is not a block device')
  })

  test('running out of memory ends a container with 137, and is told as the reason and as an event', async () => {
    const command = ['sh', '-c', 'x=$$(tr "\\\\0" x < /dev/zero | head -c 200000000)']
    const after = { depends_on: { app: { condition: 'service_completed_successfully' } } }
    write({ app: { mem_limit: '24m', memswap_limit: '24m', command }, after })
    // Containers of the tests before had the same name.
    const began = new Date().toISOString()
    const attached = await tscompose(['up', 'app'], { cwd })
    expect(attached.stdout + attached.stderr).toContain('exited with code 137 (out of memory)')
    expect((await mustRun(['ps', '-a'], { cwd })).stdout).toMatch(/Exited \(137\) .* ago \(out of memory\)/)
    const { stdout: told } = await mustRun(['events', '--json', '--since', began, '--until', '0s', 'app'], { cwd })
    const events = told
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { readonly action: string; readonly attributes: Record<string, string> })
    expect(events.map((event) => event.action)).toEqual(['create', 'start', 'oom', 'die'])
    expect(events.at(-1)?.attributes).toMatchObject({ exitCode: '137' })
    const { code, stderr } = await tscompose(['up', '-d'], { cwd })
    expect([code, stderr]).toEqual([1, expect.stringContaining('successfully: exit 137: it ran out of memory')])
  })

  test('a memory limit holds against stress-ng', async () => {
    const command = ['stress-ng', '--vm', '1', '--vm-bytes', '300m', '--vm-keep', '--timeout', '1000']
    await up({ app: { image: 'stress-ng', command, mem_limit: '64m', memswap_limit: '64m' } })
    const peak = () => value('app', 'memory/memory.max_usage_in_bytes', 'memory.peak')
    await eventually('the limit is reached', async () => (Number(await peak()) > 60 << 20 ? true : undefined))
    await delay(1000)
    expect(Number(await peak())).toBeLessThanOrEqual(64 << 20)
    expect(Number(await value('app', 'memory/memory.usage_in_bytes', 'memory.current'))).toBeLessThanOrEqual(64 << 20)
  })

  test('cpus: 0.5 is half a processor for stress-ng, within a tenth', async () => {
    makeHeavy()
    const command = ['stress-ng', '--cpu', '2', '--timeout', '1000']
    await up({ app: { image: 'stress-ng', command, cpus: 0.5, cgroup_parent: HEAVY } })
    await delay(500)
    const [from, used] = [performance.now(), await usedMs('app')]
    await delay(6000)
    const share = ((await usedMs('app')) - used) / (performance.now() - from)
    console.info(`cpus: 0.5 got ${share.toFixed(3)}`)
    // An emulated machine does not get all the time that it counts.
    if (slowness === 1) expect(share).toBeGreaterThan(0.45)
    expect(share).toBeLessThan(0.55)
  })

  test('cpu_shares 2:1 on one processor are two thirds and one, within a tenth', async () => {
    makeHeavy()
    const busy = {
      image: 'stress-ng',
      command: ['stress-ng', '--cpu', '1', '--timeout', '1000'],
      cpuset: '0',
      cgroup_parent: HEAVY,
    }
    await up({ two: { ...busy, cpu_shares: 2048 }, one: { ...busy, cpu_shares: 1024 } })
    await delay(500)
    const used = await Promise.all([usedMs('two'), usedMs('one')])
    await delay(6000)
    const now = await Promise.all([usedMs('two'), usedMs('one')])
    const ratio = (now[0] - used[0]) / (now[1] - used[1])
    console.info(`cpu_shares 2:1 got ${ratio.toFixed(3)}`)
    expect(ratio).toBeGreaterThan(1.8)
    expect(ratio).toBeLessThan(2.2)
  })
})
