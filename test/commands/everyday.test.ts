// The verbs on a driver without a kernel: what they say, what they leave, what they end with.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import Down from '../../src/commands/down.ts'
import Exec from '../../src/commands/exec.ts'
import Kill from '../../src/commands/kill.ts'
import Logs from '../../src/commands/logs.ts'
import Port from '../../src/commands/port.ts'
import Ps from '../../src/commands/ps.ts'
import Rm from '../../src/commands/rm.ts'
import Start from '../../src/commands/start.ts'
import Stop from '../../src/commands/stop.ts'
import Up from '../../src/commands/up.ts'
import Wait from '../../src/commands/wait.ts'
import { createFakeDriver, type FakeDriver } from '../support/fake-driver.ts'
import { runCommand, startCommand } from '../support/run-command.ts'

const compose = `
name: app
services:
  web: { image: nginx, depends_on: [db], ports: ["8080:80"] }
  db: { image: mariadb }
`
let directory = ''
let file: readonly string[] = []
let driver: FakeDriver

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'tscompose-commands-'))
  writeFileSync(join(directory, 'compose.yaml'), compose)
  file = ['--file', join(directory, 'compose.yaml')]
})
afterAll(() => rmSync(directory, { recursive: true }))
beforeEach(() => {
  driver = createFakeDriver({
    images: ['nginx', 'mariadb'],
    program: (spec) => ({ output: [`hello from ${spec.containerName}`] }),
  })
})

const up = (...words: readonly string[]) => runCommand(Up, [...file, '-d', ...words], driver)
const names = () =>
  driver
    .everything()
    .containers.map((one) => `${one.containerName} ${one.status}`)
    .sort()

describe('up -d', () => {
  test('says on stderr what it does, and nothing on stdout', async () => {
    const { exitCode, stdout, stderr } = await up()
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' })
    expect(
      stderr
        .split('\n')
        .filter((line) => / {2}(Created|Started)/.test(line))
        .sort(),
    ).toEqual([
      ' Container app-db-1  Created',
      ' Container app-db-1  Started',
      ' Container app-web-1  Created',
      ' Container app-web-1  Started 0.0.0.0:8080->80/tcp',
      ' Network app_default  Created',
    ])
  })

  test('leaves out what was not named and is not needed', async () => {
    await up('db')
    expect(names()).toEqual(['app-db-1 running'])
  })

  test('--no-deps starts the named service alone', async () => {
    await up('--no-deps', 'web')
    expect(names()).toEqual(['app-web-1 running'])
  })

  test('--no-start creates and starts nothing', async () => {
    await up('--no-start')
    expect(names()).toEqual(['app-db-1 created', 'app-web-1 created'])
  })

  test('--scale makes as many as it says', async () => {
    await up('--scale', 'db=2')
    expect(names()).toEqual(['app-db-1 running', 'app-db-2 running', 'app-web-1 running'])
  })

  test('--dry-run prints the plan and changes nothing', async () => {
    const { exitCode, stdout } = await up('--dry-run')
    expect(exitCode).toBe(0)
    expect(stdout).toContain('app-web-1')
    expect(names()).toEqual([])
  })

  test('a missing image fails with 1 and says which', async () => {
    driver = createFakeDriver({ images: ['nginx'], registry: [] })
    const { exitCode, stderr } = await up()
    expect(exitCode).toBe(1)
    expect(stderr).toContain('error: image "mariadb" is not in the registry')
  })

  test.each([
    [['--wait', '--abort-on-container-exit'], '--wait cannot be combined with'],
    [['--attach', 'web'], '--detach cannot be combined with'],
    [['--build', '--no-build'], '--build and --no-build are incompatible'],
    [['--no-recreate', '--force-recreate'], '--force-recreate and --no-recreate are incompatible'],
    [['--no-recreate', '-V'], '--no-recreate and --renew-anon-volumes are incompatible'],
    [['--scale', 'web'], 'invalid --scale option "web"'],
    [['--scale', 'nope=2'], 'no such service: nope'],
    [['--watch'], '--watch is not supported yet'],
    [['nope'], 'no such service: nope'],
  ])('%j is refused', async (words, message) => {
    const { exitCode, stdout, stderr } = await up(...words)
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' })
    expect(stderr).toContain(message)
    expect(names()).toEqual([])
  })

  test('--progress json and quiet', async () => {
    const { stderr } = await up('--progress', 'json')
    const events = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(events).toContainEqual({
      id: 'Container app-web-1',
      status: 'Done',
      text: 'Started',
      details: '0.0.0.0:8080->80/tcp',
    })
    expect((await runCommand(Down, [...file, '--progress', 'quiet'], driver)).stderr).toBe('')
  })
})

describe('attached up', () => {
  test('shows what containers write, and stops them at the first signal', async () => {
    const { said, ended } = startCommand(Up, file, driver)
    await vi.waitFor(() => {
      expect(said().stdout).toContain('web-1  | hello from app-web-1\n')
      expect(said().stdout).toContain('db-1')
    })
    process.emit('SIGINT')
    const { exitCode, stdout, stderr } = await ended
    expect(exitCode).toBe(130)
    expect(stderr).toContain('Gracefully Stopping... press Ctrl+C again to force\n')
    expect(stdout).toContain('web-1 exited with code 143\n')
    expect(names()).toEqual(['app-db-1 exited', 'app-web-1 exited'])
    expect(process.listenerCount('SIGINT')).toBe(0)
  })

  test('a second signal kills', async () => {
    const stops: (() => void)[] = []
    driver = createFakeDriver({
      images: ['nginx', 'mariadb'],
      onCall: ({ method }) => (method === 'stopContainer' ? new Promise((resolve) => stops.push(resolve)) : undefined),
    })
    const { ended } = startCommand(Up, file, driver)
    await vi.waitFor(() => expect(names()).toEqual(['app-db-1 running', 'app-web-1 running']))
    process.emit('SIGINT')
    await vi.waitFor(() => expect(stops).toHaveLength(1))
    process.emit('SIGINT')
    await vi.waitFor(() => expect(driver.everything().containers.map((one) => one.exitCode)).toEqual([137, 137]))
    await vi.waitFor(() => {
      for (const stopped of stops) stopped()
      expect(stops).toHaveLength(2)
    })
    expect((await ended).exitCode).toBe(130)
  })

  test('ends by itself with 0 when every container has ended', async () => {
    const { said, ended } = startCommand(Up, file, driver)
    await vi.waitFor(() => expect(said().stdout).toContain('app-web-1'))
    driver.exit('app-web-1', 0)
    driver.exit('app-db-1', 3)
    const { exitCode, stdout } = await ended
    expect(exitCode).toBe(0)
    expect(stdout).toContain('db-1 exited with code 3\n')
  })

  test('--abort-on-container-exit stops the others and gives the code of the first', async () => {
    const { said, ended } = startCommand(Up, [...file, '--abort-on-container-exit'], driver)
    await vi.waitFor(() => expect(said().stdout).toContain('app-web-1'))
    driver.exit('app-db-1', 3)
    expect((await ended).exitCode).toBe(3)
    expect(said().stderr).toContain('Aborting on container exit...\n')
    expect(names()).toEqual(['app-db-1 exited', 'app-web-1 exited'])
  })

  test('--exit-code-from gives the code of that service', async () => {
    const { said, ended } = startCommand(Up, [...file, '--exit-code-from', 'web'], driver)
    await vi.waitFor(() => expect(said().stdout).toContain('app-web-1'))
    driver.exit('app-db-1', 3)
    expect((await ended).exitCode).toBe(143)
  })

  test('--no-attach leaves a service out, --no-log-prefix the prefix', async () => {
    const { said, ended } = startCommand(Up, [...file, '--no-attach', 'db', '--no-log-prefix'], driver)
    await vi.waitFor(() => expect(said().stdout).toBe('Attaching to web-1\nhello from app-web-1\n'))
    process.emit('SIGTERM')
    await ended
    expect(said().stdout).not.toContain('hello from app-db-1')
  })
})

describe('looking', () => {
  beforeEach(async () => {
    await up()
  })

  test('ps shows what lives, -a everything, -q ids, --services names', async () => {
    driver.exit('app-db-1', 2)
    const ps = async (...words: readonly string[]) => (await runCommand(Ps, [...file, ...words], driver)).stdout
    expect(await ps('--format', '{{.Name}} {{.State}}')).toBe('app-web-1 running\n')
    expect(await ps('-a', '--format', '{{.Name}} {{.State}} {{.ExitCode}}')).toBe(
      'app-db-1 exited 2\napp-web-1 running 0\n',
    )
    expect(await ps('--status', 'exited', '--services')).toBe('db\n')
    expect(await ps('--filter', 'status=exited', '--format', '{{.Service}}')).toBe('db\n')
    expect(await ps('-q')).toMatch(/^[0-9a-f]{64}\n$/)
    expect((await runCommand(Ps, [...file, 'nope'], driver)).stderr).toContain('error: no such service: nope')
    expect((await runCommand(Ps, [...file, '--filter', 'x=y'], driver)).stderr).toContain('unknown filter x')
  })

  test('-p alone needs no file', async () => {
    const { stdout } = await runCommand(Ps, ['-p', 'app', '--format', '{{.Name}}'], driver)
    expect(stdout).toBe('app-db-1\napp-web-1\n')
  })

  test('logs merge services in order of time', async () => {
    await vi.waitFor(async () => {
      const { stdout } = await runCommand(Logs, file, driver)
      expect(stdout.split('\n').sort()).toEqual(['', 'db-1   | hello from app-db-1', 'web-1  | hello from app-web-1'])
    })
    expect((await runCommand(Logs, [...file, '--no-log-prefix', 'db'], driver)).stdout).toBe('hello from app-db-1\n')
    expect((await runCommand(Logs, [...file, '--tail', '0'], driver)).stdout).toBe('')
    expect((await runCommand(Logs, [...file, '--tail', 'x'], driver)).stderr).toContain('invalid --tail value "x"')
    expect((await runCommand(Logs, [...file, '--index', '1'], driver)).stderr).toContain('--index requires one service')
  })

  test('logs -f ends when the containers have, and says how', async () => {
    const { said, ended } = startCommand(Logs, [...file, '-f'], driver)
    await vi.waitFor(() => expect(said().stdout.split('\n')).toHaveLength(3))
    driver.exit('app-db-1', 0)
    driver.exit('app-web-1', 3)
    expect(await ended).toMatchObject({ exitCode: 0 })
    expect(said().stdout.split('\n').slice(2).sort()).toEqual([
      '',
      'db-1 exited with code 0',
      'web-1 exited with code 3',
    ])
  })

  test('port prints where a port is published', async () => {
    expect((await runCommand(Port, [...file, 'web', '80'], driver)).stdout).toMatch(/:8080\n$/)
    expect((await runCommand(Port, [...file, 'web', '81'], driver)).stderr).toContain(
      'no port 81/tcp for container app-web-1',
    )
  })

  test('exec gives the program its words and hands back its code', async () => {
    expect(
      await runCommand(Exec, [...file, '-T', '-i=false', 'web', 'echo', '-n', 'a', 'b', 'a'], driver),
    ).toMatchObject({
      exitCode: 0,
      stdout: '-n a b a\n',
    })
    expect((await runCommand(Exec, [...file, '-T', '-i=false', 'web', 'false'], driver)).exitCode).toBe(1)
    expect((await runCommand(Exec, [...file, 'web'], driver)).stderr).toContain('requires at least 2 arguments')
    await runCommand(Stop, [...file, 'web'], driver)
    expect((await runCommand(Exec, [...file, '-T', 'web', 'true'], driver)).stderr).toContain(
      'service "web" is not running',
    )
  })

  test('wait gives the code of what it waited for', async () => {
    const { ended } = startCommand(Wait, [...file, 'db'], driver)
    driver.exit('app-db-1', 4)
    expect(await ended).toMatchObject({ exitCode: 4, stdout: 'container "app-db-1" exited with status code 4\n' })
  })

  test('wait for several gives the code of the last that failed', async () => {
    const { ended, said } = startCommand(Wait, [...file, 'db', 'web'], driver)
    driver.exit('app-web-1', 3)
    await expect.poll(() => said().stdout).toContain('app-web-1')
    driver.exit('app-db-1', 5)
    expect((await ended).exitCode).toBe(5)
    await runCommand(Start, file, driver)
    const again = startCommand(Wait, [...file, 'db', 'web'], driver)
    driver.exit('app-db-1', 4)
    await expect.poll(() => again.said().stdout).toContain('app-db-1')
    driver.exit('app-web-1', 0)
    expect((await again.ended).exitCode).toBe(4)
  })
})

describe('changing', () => {
  beforeEach(async () => {
    await up()
  })

  test('stop and start keep the containers', async () => {
    const before = driver.everything().containers.map((one) => one.containerId)
    await runCommand(Stop, file, driver)
    expect(names()).toEqual(['app-db-1 exited', 'app-web-1 exited'])
    await runCommand(Start, file, driver)
    expect(names()).toEqual(['app-db-1 running', 'app-web-1 running'])
    expect(driver.everything().containers.map((one) => one.containerId)).toEqual(before)
  })

  test('kill takes a signal', async () => {
    await runCommand(Kill, [...file, '-s', 'SIGUSR1'], driver)
    expect(names()).toEqual(['app-db-1 running', 'app-web-1 running'])
    await runCommand(Kill, [...file, 'db'], driver)
    expect(names()).toEqual(['app-db-1 exited', 'app-web-1 running'])
    const nothing = await runCommand(Kill, [...file, 'db'], driver)
    expect(nothing).toEqual({ exitCode: 0, stdout: '', stderr: 'no container to kill\n' })
  })

  test('rm -f removes what is stopped', async () => {
    await runCommand(Stop, [...file, 'db'], driver)
    const unconfirmed = await runCommand(Rm, file, driver)
    expect([unconfirmed.stdout, names().length]).toEqual(['Going to remove app-db-1\n', 2])
    expect((await runCommand(Rm, [...file, '-f'], driver)).stdout).toBe('Going to remove app-db-1\n')
    expect(names()).toEqual(['app-web-1 running'])
    expect(await runCommand(Rm, [...file, '-f'], driver)).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: 'No stopped containers\n',
    })
  })

  test('down leaves nothing, and a second one is content', async () => {
    expect((await runCommand(Down, file, driver)).exitCode).toBe(0)
    expect(driver.everything()).toEqual({ containers: [], networks: [], volumes: [] })
    expect(await runCommand(Down, file, driver)).toMatchObject({ exitCode: 0, stdout: '' })
  })
})
