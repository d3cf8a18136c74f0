// The verbs that look at or hold running containers, on a driver without a kernel: cp, pause, unpause, wait, top, stats.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import Attach from '../../src/commands/attach.ts'
import Cp from '../../src/commands/cp.ts'
import Diff from '../../src/commands/diff.ts'
import Events from '../../src/commands/events.ts'
import Pause from '../../src/commands/pause.ts'
import Restart from '../../src/commands/restart.ts'
import Start from '../../src/commands/start.ts'
import Stats from '../../src/commands/stats.ts'
import Top from '../../src/commands/top.ts'
import Unpause from '../../src/commands/unpause.ts'
import Up from '../../src/commands/up.ts'
import Wait from '../../src/commands/wait.ts'
import { createFakeDriver, type FakeDriver } from '../support/fake-driver.ts'
import { runCommand, startCommand } from '../support/run-command.ts'

const compose = `
name: app
services:
  web: { image: nginx, command: serve, scale: 2 }
  db: { image: mariadb, command: [mariadbd, --verbose] }
`
let directory = ''
let driver: FakeDriver
const words = (...more: readonly string[]): readonly string[] => ['--file', join(directory, 'compose.yaml'), ...more]
const names = () =>
  driver
    .everything()
    .containers.map((one) => `${one.containerName} ${one.status}`)
    .sort()

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'tscompose-commands-'))
  writeFileSync(join(directory, 'compose.yaml'), compose)
})
afterAll(() => rmSync(directory, { recursive: true }))
beforeEach(async () => {
  driver = createFakeDriver({ images: ['nginx', 'mariadb'] })
  await runCommand(Up, words('-d'), driver)
})

describe('pause and unpause', () => {
  test('hold all containers or those of the named services, and say so', async () => {
    const paused = await runCommand(Pause, words('db'), driver)
    expect(paused).toEqual({ exitCode: 0, stdout: '', stderr: ' Container app-db-1  Paused\n' })
    expect(names()).toEqual(['app-db-1 paused', 'app-web-1 running', 'app-web-2 running'])
    const unpaused = await runCommand(Unpause, words('db'), driver)
    expect(unpaused).toEqual({ exitCode: 0, stdout: '', stderr: ' Container app-db-1  Unpaused\n' })
    await runCommand(Pause, words(), driver)
    expect(names()).toEqual(['app-db-1 paused', 'app-web-1 paused', 'app-web-2 paused'])
  })
  test('a container that is paused can not be paused again', async () => {
    await runCommand(Pause, words('db'), driver)
    const { exitCode, stderr } = await runCommand(Pause, words('db'), driver)
    expect(exitCode).toBe(1)
    expect(stderr).toContain('container "app-db-1" is paused already')
  })
  test('one that is paused can not be started', async () => {
    await runCommand(Pause, words('db'), driver)
    const { exitCode, stderr } = await runCommand(Start, words('db'), driver)
    expect(exitCode).toBe(1)
    expect(stderr).toContain('container "app-db-1" is paused, and can\'t be started')
  })
  test('a service that is not there is refused', async () => {
    const { exitCode, stderr } = await runCommand(Pause, words('nope'), driver)
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('no such service: nope')])
  })
  test('--dry-run shows the plan and holds nothing', async () => {
    const { stdout } = await runCommand(Pause, words('--dry-run', 'db'), driver)
    expect(stdout).toContain('pause container app-db-1')
    expect(names()).toContain('app-db-1 running')
  })
})

describe('wait', () => {
  test('--down-project takes everything down when the first of them ends, and ends with its code', async () => {
    const waiting = startCommand(Wait, words('--down-project', 'db', 'web'), driver)
    await expect.poll(() => driver.calls.filter((call) => call.method === 'watchContainer').length).toBe(3)
    driver.exit('app-web-2', 7)
    const { exitCode, stdout } = await waiting.ended
    expect({ exitCode, stdout }).toEqual({
      exitCode: 7,
      stdout: 'container "app-web-2" exited with status code 7\n',
    })
    expect(driver.everything()).toMatchObject({ containers: [], networks: [] })
  })
  test('--down-project takes those along whose profile is not asked for', async () => {
    const file = join(directory, 'profiles.yaml')
    writeFileSync(file, compose.replace('db: { ', 'db: { profiles: [data], '))
    const waiting = startCommand(Wait, ['--file', file, '--down-project', 'web'], driver)
    await expect.poll(() => driver.calls.filter((call) => call.method === 'watchContainer').length).toBe(2)
    driver.exit('app-web-1', 0)
    expect((await waiting.ended).exitCode).toBe(0)
    expect(driver.everything()).toMatchObject({ containers: [], networks: [] })
  })
})

describe('restart', () => {
  test('is one line for each container, with the words of Docker Compose', async () => {
    const { stderr } = await runCommand(Restart, words('db'), driver)
    expect(stderr).toBe(' Container app-db-1  Restarting\n Container app-db-1  Started\n')
  })
})

describe('top', () => {
  test('shows the processes as Docker Compose lays them out, by service and number', async () => {
    const { stdout } = await runCommand(Top, words(), driver)
    const lines = stdout.split('\n')
    expect(lines[0]).toBe('SERVICE  #   UID   PID  PPID  C   STIME  TTY  TIME      CMD')
    expect(lines.slice(1, 4).map((line) => line.replace(/\d\d:\d\d {2}|\d{4} {3}/, 'STIME  '))).toEqual([
      'db       1   root  100  99    0   STIME  ?    00:00:00  mariadbd --verbose',
      'web      1   root  100  99    0   STIME  ?    00:00:00  serve',
      'web      2   root  100  99    0   STIME  ?    00:00:00  serve',
    ])
  })
  test('shows the named services only, and nothing where nothing runs', async () => {
    expect((await runCommand(Top, words('db'), driver)).stdout.split('\n')).toHaveLength(3)
    driver.exit('app-db-1', 0)
    expect(await runCommand(Top, words('db'), driver)).toEqual({ exitCode: 0, stdout: '', stderr: '' })
  })
})

describe('diff', () => {
  beforeEach(async () => {
    const container = driver.everything().containers.find((one) => one.containerName === 'app-db-1')
    const copy = { source: 'text', target: '/a\u001b[2Jb', followLink: false }
    await driver.copyInto(container?.containerId ?? '', copy, new AbortController().signal)
  })
  test("shows what a service's container has changed, and no name that a terminal would obey", async () => {
    expect(await runCommand(Diff, words('db'), driver)).toEqual({ exitCode: 0, stdout: 'A /a\\x1b[2Jb\n', stderr: '' })
    const { stdout } = await runCommand(Diff, words('--format', 'json', 'db'), driver)
    expect(
      stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
    ).toEqual([{ kind: 'added', path: '/a\u001b[2Jb' }])
  })
  test('refuses a service without such a container, and a format that there is not', async () => {
    const nobody = await runCommand(Diff, words('--index', '9', 'db'), driver)
    expect([nobody.exitCode, nobody.stderr]).toEqual([1, expect.stringContaining('service "db" has no container #9')])
    const format = await runCommand(Diff, words('--format', 'xml', 'db'), driver)
    expect([format.exitCode, format.stderr]).toEqual([1, expect.stringContaining('format value "xml"')])
  })
})

describe('stats', () => {
  test('--no-stream shows what each container uses, once', async () => {
    const { stdout, exitCode } = await runCommand(Stats, words('--no-stream', 'db'), driver)
    const id = driver.everything().containers.find((one) => one.containerName === 'app-db-1')?.containerId
    expect(exitCode).toBe(0)
    expect(stdout).toBe(
      'CONTAINER ID   NAME       CPU %     MEM USAGE / LIMIT   MEM %     NET I/O        BLOCK I/O    PIDS\n' +
        `${id?.slice(0, 12)}   app-db-1   25.00%    1MiB / 1GiB         0.10%     1.5kB / 126B   0B / 4.1kB   1\n`,
    )
  })
  test('--format and --no-trunc say more', async () => {
    const { stdout } = await runCommand(Stats, words('--no-stream', '--no-trunc', '--format', 'json', 'db'), driver)
    expect(JSON.parse(stdout)).toMatchObject({
      Name: 'app-db-1',
      ID: expect.stringMatching(/^[0-9a-f]{64}$/),
      PIDs: '1',
    })
    const names = await runCommand(Stats, words('--no-stream', '--format', '{{.Name}} {{.CPUPerc}}', 'web'), driver)
    expect(names.stdout).toBe('app-web-1 25.00%\napp-web-2 25.00%\n')
  })
  test('what does not run is shown with -a only', async () => {
    driver.exit('app-db-1', 0)
    const format = ['--no-stream', '--format', '{{.Name}} {{.MemUsage}} {{.PIDs}}', 'db']
    expect((await runCommand(Stats, words(...format), driver)).stdout).toBe('')
    expect((await runCommand(Stats, words('-a', ...format), driver)).stdout).toBe('app-db-1 0B / 0B 0\n')
  })
  test('takes one service at most', async () => {
    const { exitCode, stderr } = await runCommand(Stats, words('--no-stream', 'db', 'web'), driver)
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('at most 1 argument')])
  })
})

describe('cp', () => {
  test('copies into every replica, or into the one that is chosen', async () => {
    const { stderr, stdout } = await runCommand(Cp, words('/etc/hosts', 'web:conf/'), driver)
    expect(stdout).toBe('')
    expect(stderr.split('\n')).toEqual([
      ' app-web-1 copy /etc/hosts to app-web-1:/conf/ Copying',
      ' app-web-1 copy /etc/hosts to app-web-1:/conf/ Copied',
      ' app-web-2 copy /etc/hosts to app-web-2:/conf/ Copying',
      ' app-web-2 copy /etc/hosts to app-web-2:/conf/ Copied',
      '',
    ])
    await runCommand(Cp, words('--index', '2', '/etc/passwd', 'web:/users'), driver)
    expect(driver.filesOf('app-web-1')).toEqual({ '/conf/': '/etc/hosts' })
    expect(driver.filesOf('app-web-2')).toEqual({ '/conf/': '/etc/hosts', '/users': '/etc/passwd' })
  })
  test('"-" is a stream, of the first replica', async () => {
    await runCommand(Cp, words('/etc/hosts', 'web:/x'), driver)
    const { stdout, stderr } = await runCommand(Cp, words('web:/x', '-'), driver)
    expect([stdout, stderr]).toEqual(['/etc/hosts', expect.stringContaining('app-web-1:/x to - Copied')])
  })
  test('--dry-run copies nothing', async () => {
    await runCommand(Cp, words('--dry-run', '/etc/hosts', 'db:/x'), driver)
    expect(driver.filesOf('app-db-1')).toEqual({})
  })
  test.each([
    [['a', 'b'], 'unknown copy direction'],
    [['./a:b', '/c:d'], 'unknown copy direction'],
    [['web:/a', 'db:/b'], 'copying between services is not supported'],
    [['nope:/a', '.'], 'no such service: nope'],
    [['/etc/hosts', 'db:'], 'there is no path behind "db:"'],
    [['--index', '3', '/etc/hosts', 'web:/x'], 'service "web" has no container #3'],
    [['web:/a'], 'requires at least 2 arguments'],
  ])('%j is refused', async (operands, message) => {
    const { exitCode, stderr } = await runCommand(Cp, words(...operands), driver)
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining(message)])
  })
})

describe('events', () => {
  test('shows what happened since a time, of the named services only', async () => {
    const { stdout, exitCode } = await runCommand(Events, words('--since', '1h', '--until', '0s', 'db'), driver)
    expect(exitCode).toBe(0)
    expect(stdout.split('\n').map((line) => line.split(' ').slice(2, 4).join(' '))).toEqual([
      'container create',
      'container start',
      '',
    ])
  })
  test('goes on with what happens, until it is told to stop', async () => {
    const following = startCommand(Events, words('--json'), driver)
    await expect.poll(() => driver.calls.some((call) => call.method === 'readEvents')).toBe(true)
    driver.exit('app-db-1', 3)
    await expect.poll(() => following.said().stdout).toContain('"action":"die","attributes":{"exitCode":"3"')
    process.emit('SIGINT')
    expect((await following.ended).exitCode).toBe(130)
  })
  test.each([
    [['--since', 'yesterday'], 'invalid time "yesterday"'],
    [['nope'], 'no such service: nope'],
  ])('%j is refused', async (operands, message) => {
    const { exitCode, stderr } = await runCommand(Events, words(...operands), driver)
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining(message)])
  })
})

describe('attach', () => {
  const attached = () => expect.poll(() => driver.calls.some((call) => call.method === 'watchContainer')).toBe(true)

  test('ends with the container, and with its code', async () => {
    const attachment = startCommand(Attach, words('--no-stdin', 'db'), driver)
    await attached()
    driver.exit('app-db-1', 7)
    expect((await attachment.ended).exitCode).toBe(7)
  })
  test('passes signals on, unless told not to', async () => {
    const passing = startCommand(Attach, words('--no-stdin', 'db'), driver)
    await attached()
    process.emit('SIGINT', 'SIGINT')
    expect((await passing.ended).exitCode).toBe(130)
    expect(names()).toContain('app-db-1 exited')
    const leaving = startCommand(Attach, words('--no-stdin', '--sig-proxy=false', '--index', '2', 'web'), driver)
    await expect.poll(() => driver.calls.filter((call) => call.method === 'watchContainer').length).toBe(2)
    process.emit('SIGINT', 'SIGINT')
    expect((await leaving.ended).exitCode).toBe(130)
    expect(names()).toContain('app-web-2 running')
  })
  test.each([
    [['--detach-keys', 'ctrl-1', 'db'], 'invalid detach keys'],
    [['--index', '3', 'web'], 'service "web" is not running container #3'],
    [['nope'], 'no such service: nope'],
  ])('%j is refused', async (operands, message) => {
    const { exitCode, stderr } = await runCommand(Attach, words('--no-stdin', ...operands), driver)
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining(message)])
  })
})
