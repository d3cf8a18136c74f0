// The machine is started anew: what its restart policy wants comes back, in order, by `tscompose system boot` and what installs it.
import { spawn } from 'node:child_process'
import { lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { atThisPace } from '../support/pace.ts'
import { anotherBoot, powerOff, realBootId } from '../support/reboot.ts'
import { mustRun, stateEnvironment, tscompose } from './support/cli.ts'
import { useFolder } from './support/folder.ts'
import { privileged, useImages } from './support/privileged.ts'

const service = (restart: string, more = ''): string =>
  `{ image: busybox, command: sleep 1000, stop_grace_period: 0s, restart: ${restart}${more} }`

const compose = `
name: boot
services:
  db: ${service('always', ', healthcheck: { test: ["CMD", "true"], interval: 100ms, start_interval: 100ms }')}
  api: ${service('unless-stopped', ', depends_on: { db: { condition: service_healthy }, once: { condition: service_started } }')}
  web: ${service('always', ', depends_on: [api], ports: ["127.0.0.1:18471:80"]')}
  once: ${service('"no"')}
  fails: ${service('on-failure')}
  stopped: ${service('unless-stopped')}
  ended: ${service('always')}
`

describe.runIf(privileged)('after a start of the machine', () => {
  useImages('busybox')
  const here = useFolder({ 'compose.yaml': compose })

  test('what its policy wants runs again in order, and nobody who has an old pid is signalled', async () => {
    await mustRun(['up', '-d'], here)
    await mustRun(['stop', 'stopped', 'ended'], here)
    const [dbId = ''] = (await mustRun(['ps', '-q', '--no-trunc', 'db'], here)).stdout.split('\n')
    await powerOff()
    const bystander = spawn('sleep', ['1000'], { stdio: 'ignore' })
    const boot = anotherBoot(join(here.cwd, 'boot_id'))
    try {
      pretendMonitor(dbId, bystander.pid ?? 0)
      expect(await running(boot)).toEqual([])
      const first = await boot.tscompose(['system', 'boot'], here.cwd)
      expect(first).toMatchObject({ code: 0, stdout: '' })
      expect(await running(boot)).toEqual(['api', 'db', 'ended', 'web'])
      const order = ['db-1  Started', 'api-1  Starting', 'api-1  Started', 'web-1  Starting']
      const places = order.map((words) => first.stderr.indexOf(`Container boot-${words}`))
      expect(places).toEqual([...places].sort((a, b) => a - b))
      expect(places).not.toContain(-1)
      await doesNothingMore(boot)
      expect(bystander.exitCode ?? bystander.signalCode).toBeNull()
      expect((await boot.tscompose(['down', '-v', '-t', '0'], here.cwd)).code).toBe(0)
    } finally {
      bystander.kill('SIGKILL')
    }
  })

  test('twenty containers are back within five seconds, whichever of the two starts them', async () => {
    writeFileSync(
      join(here.cwd, 'compose.yaml'),
      `name: boot\nservices:\n  many: ${service('always', ', scale: 20')}\n`,
    )
    await mustRun(['up', '-d'], here)
    await powerOff()
    const boot = anotherBoot(join(here.cwd, 'boot_id'))
    const since = Date.now()
    expect((await boot.shell(await installedCommand('systemd'), here.cwd)).stderr).toContain('Started')
    expect(Date.now() - since).toBeLessThan(atThisPace(5000))
    expect(await running(boot)).toHaveLength(20)
    await powerOff()
    expect((await boot.shell(await installedCommand('cron'), here.cwd)).stderr).toContain('Started')
    expect(await running(boot)).toHaveLength(20)
    expect((await boot.tscompose(['down', '-t', '0'], here.cwd)).code).toBe(0)
  })

  test('the next up does as well without it', async () => {
    await mustRun(['up', '-d'], here)
    await powerOff()
    const boot = anotherBoot(join(here.cwd, 'boot_id'))
    expect((await boot.tscompose(['up', '-d'], here.cwd)).code).toBe(0)
    expect(await running(boot)).toEqual(['api', 'db', 'ended', 'fails', 'once', 'stopped', 'web'])
    expect((await boot.tscompose(['down', '-v', '-t', '0'], here.cwd)).code).toBe(0)
  })

  test('nothing stands in the way of down before anything was started', async () => {
    await mustRun(['up', '-d'], here)
    await powerOff()
    const down = await anotherBoot(join(here.cwd, 'boot_id')).tscompose(['down', '-v'], here.cwd)
    expect(down).toMatchObject({ code: 0 })
  })

  /** What somebody has stopped since then stays down as well. */
  async function doesNothingMore(boot: ReturnType<typeof anotherBoot>): Promise<void> {
    expect(await boot.tscompose(['system', 'boot'], here.cwd)).toMatchObject({ code: 0, stdout: '', stderr: '' })
    expect((await boot.tscompose(['stop', 'ended'], here.cwd)).code).toBe(0)
    expect(await boot.tscompose(['system', 'boot'], here.cwd)).toMatchObject({ code: 0, stdout: '', stderr: '' })
    expect(await running(boot)).toEqual(['api', 'db', 'web'])
  }

  async function running(boot: ReturnType<typeof anotherBoot>): Promise<readonly string[]> {
    const { stdout } = await boot.tscompose(['ps', '--format', '{{.Service}}'], here.cwd)
    return stdout.split('\n').filter(Boolean).sort()
  }

  /** What was installed, without what systemd and cron alone understand. */
  async function installedCommand(init: 'systemd' | 'cron'): Promise<string> {
    const root = join(here.cwd, 'root')
    const installed = await tscompose(['system', 'install-service', '--root', root, '--init', init], here)
    expect(installed).toMatchObject({ code: 0 })
    if (init === 'cron') return readFileSync(join(root, 'etc/cron.d/tscompose'), 'utf8').split('@reboot root ')[1] ?? ''
    const unit = join(root, 'etc/systemd/system/tscompose.service')
    expect(lstatSync(join(root, 'etc/systemd/system/multi-user.target.wants/tscompose.service')).isSymbolicLink()).toBe(
      true,
    )
    return /^ExecStart=(.*)$/m.exec(readFileSync(unit, 'utf8'))?.[1] ?? ''
  }
})

describe.runIf(privileged)('installing the service', () => {
  test('finds out what starts the machine, and says where there is nothing', async () => {
    const root = mkdtempSync(join(tmpdir(), 'tsc-root-'))
    try {
      const install = () => tscompose(['--dry-run', 'system', 'install-service', '--root', root], { cwd: root })
      const none = await install()
      expect(none.code).toBe(1)
      expect(none.stderr).toContain('there is neither systemd nor')
      mkdirSync(join(root, 'etc/cron.d'), { recursive: true })
      expect((await install()).stdout).toContain('@reboot root ')
      mkdirSync(join(root, 'lib/systemd'), { recursive: true })
      writeFileSync(join(root, 'lib/systemd/systemd'), '')
      expect((await install()).stdout).toContain('[Service]')
    } finally {
      rmSync(root, { recursive: true })
    }
  })
})

/** A process of today with the number that the monitor of a former boot had, started at the same moment of its boot. */
function pretendMonitor(containerId: string, pid: number): void {
  const path = join(stateEnvironment().TSCOMPOSE_DATA_DIR ?? '', 'containers', containerId, 'state.json')
  const state = JSON.parse(readFileSync(path, 'utf8')) as { readonly pid: number }
  const startTime = Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[19])
  writeFileSync(path, JSON.stringify({ ...state, pid, monitor: { pid, startTime, bootId: realBootId() } }))
}
