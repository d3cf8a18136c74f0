// plan and apply on a driver without a kernel: what is printed is what runs, and nothing else does.
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import Apply from '../../src/commands/apply.ts'
import Down from '../../src/commands/down.ts'
import Plan from '../../src/commands/plan.ts'
import Stop from '../../src/commands/stop.ts'
import Up from '../../src/commands/up.ts'
import { createFakeDriver, type FakeDriver } from '../support/fake-driver.ts'
import { runCommand } from '../support/run-command.ts'

const compose = `
name: app
services:
  web:
    image: nginx:1
    depends_on: { db: { condition: service_healthy } }
    volumes: [data:/data]
  db: { image: mariadb, healthcheck: { test: "true" } }
volumes: { data: {} }
`
const matches = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(
  JSON.parse(readFileSync(new URL('../../schemas/output/plan.json', import.meta.url), 'utf8')),
)

let directory = ''
let driver: FakeDriver
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tsc-plan-'))
  write(compose)
  driver = createFakeDriver({ images: ['nginx:1', 'nginx:2', 'mariadb'], program: () => ({ health: ['healthy'] }) })
})
afterEach(() => rmSync(directory, { recursive: true }))

const write = (text: string): void => writeFileSync(join(directory, 'compose.yaml'), text)
const run = (Command: Parameters<typeof runCommand>[0], ...words: readonly string[]) =>
  runCommand(Command, ['-f', join(directory, 'compose.yaml'), ...words], driver)
const kept = (): string => join(directory, 'plan.json')
const changes = () => driver.calls.filter(({ method }) => !/^(observe|find|lock)/.test(method))

describe('plan', () => {
  test('shows what up would do, does nothing, and ends with 2', async () => {
    const { exitCode, stdout } = await run(Plan)
    expect(exitCode).toBe(2)
    expect(stdout).toBe(
      [
        '  + create network app_default',
        '  + create volume app_data',
        '  + create container app-db-1',
        '  + create container app-web-1',
        '  > start container app-db-1',
        '  . wait for container app-db-1 to be healthy',
        '  > start container app-web-1',
        'plan: 4 to create, 2 to start\n',
      ].join('\n'),
    )
    expect(changes()).toEqual([])
  })

  test('has nothing to do right after up, and ends with 0', async () => {
    await run(Up, '-d')
    expect(await run(Plan)).toEqual({ exitCode: 0, stdout: 'nothing to do\n', stderr: '' })
  })

  test('names the field, its values and its place', async () => {
    await run(Up, '-d')
    write(compose.replace('nginx:1', 'nginx:2'))
    const { exitCode, stdout } = await run(Plan)
    expect(exitCode).toBe(2)
    expect(stdout).toContain(
      `-/+ recreate container app-web-1, because services.web.image changed: nginx:1 -> nginx:2 (${directory}/compose.yaml:5:12)\n`,
    )
  })

  test('takes the options of up, and the services', async () => {
    await run(Up, '-d')
    const wanted = ['--scale', 'db=2', '--force-recreate', '--always-recreate-deps=false', '--no-deps', 'db']
    const { stdout } = await run(Plan, ...wanted)
    expect(stdout).toContain('-/+ recreate container app-db-1, because recreation was asked for')
    expect(stdout).toContain('+ create container app-db-2, because scale 1 -> 2')
    expect(stdout).not.toContain('web')
  })

  test('ends with 1 when there is a mistake', async () => {
    write('services: { web: { image: nginx, depends_on: [nobody] } }\n')
    expect(await run(Plan)).toMatchObject({ exitCode: 1, stdout: '' })
    expect((await run(Plan, '--no-recreate', '--force-recreate')).exitCode).toBe(1)
  })

  test('is the same for programs, by its schema', async () => {
    const { exitCode, stdout } = await run(Plan, '--format', 'json')
    expect([exitCode, matches(JSON.parse(stdout)), matches.errors]).toEqual([2, true, null])
    await run(Up, '-d')
    write(
      compose
        .replace('nginx:1', 'nginx:2')
        .replace('  db: { image: mariadb, healthcheck: { test: "true" } }\n', '')
        .replace(/ +depends_on.*\n/, ''),
    )
    const later = JSON.parse((await run(Plan, '--format', 'json')).stdout)
    expect([matches(later), matches.errors]).toEqual([true, null])
    expect(later).toMatchObject({ project: 'app', empty: false, orphans: [{ name: 'app-db-1' }] })
    expect(later.changes[0]).toMatchObject({
      action: 'recreate',
      name: 'app-web-1',
      because: { field: ['services', 'web', 'image'], old: 'nginx:1', new: 'nginx:2', line: 5 },
    })
    write(compose)
    expect(JSON.parse((await run(Plan, '--format', 'json')).stdout)).toMatchObject({ empty: true, changes: [] })
  })
})

describe('apply', () => {
  test('does what the plan said, and then there is nothing to do', async () => {
    await run(Plan, '-o', kept())
    expect(statSync(kept()).mode & 0o777).toBe(0o600)
    write('services: {}\n')
    const { exitCode, stderr } = await runCommand(Apply, [kept()], driver)
    expect(exitCode).toBe(0)
    expect(stderr).toContain('Container app-web-1  Started')
    write(compose)
    expect((await run(Plan)).exitCode).toBe(0)
  })

  test('shows it with --dry-run', async () => {
    const { stdout } = await run(Plan, '-o', kept())
    expect((await runCommand(Apply, ['--dry-run', kept()], driver)).stdout).toBe(stdout)
    expect(changes()).toEqual([])
  })

  test('does nothing where something has changed since, and says what', async () => {
    await run(Up, '-d')
    await run(Plan, '--force-recreate', '-o', kept())
    await run(Stop, 'web')
    const before = changes().length
    const stopped = await runCommand(Apply, [kept()], driver)
    expect(stopped).toMatchObject({ exitCode: 1, stdout: '' })
    expect(stopped.stderr).toContain('the plan does not fit any more: container "app-web-1" was running and is exited')
    expect(changes()).toHaveLength(before)
    await run(Down)
    expect((await runCommand(Apply, [kept()], driver)).stderr).toContain('container "app-web-1" is gone')
  })

  test('does nothing where an image is another one by now', async () => {
    await run(Plan, '-o', kept())
    await driver.removeImage('mariadb', new AbortController().signal)
    expect((await runCommand(Apply, [kept()], driver)).stderr).toContain('image "mariadb" is another one')
  })

  test('refuses what is no plan, or was changed', async () => {
    writeFileSync(kept(), '{"services": {}}')
    expect((await runCommand(Apply, [kept()], driver)).stderr).toContain('is no plan of this version')
    writeFileSync(kept(), 'not even that')
    expect((await runCommand(Apply, [kept()], driver)).stderr).toContain('is no plan of this version')
    await run(Plan, '-o', kept())
    writeFileSync(kept(), readFileSync(kept(), 'utf8').replaceAll('app-db-1', 'app-xy-1'))
    expect((await runCommand(Apply, [kept()], driver)).stderr).toContain('was changed or is damaged')
    expect((await runCommand(Apply, [join(directory, 'none')], driver)).stderr).toContain('there is no such file')
    expect(changes()).toEqual([])
  })
})

test('down --dry-run prints in the same words', async () => {
  await run(Up, '-d')
  const { exitCode, stdout } = await run(Down, '--dry-run')
  expect(exitCode).toBe(0)
  expect(stdout.split('\n')[0]).toBe('  x stop container app-web-1, because down was asked for')
  expect(stdout).toContain('  - remove network app_default, because down was asked for\nplan: 3 to remove, 2 to stop\n')
})
