// explain on a driver without a kernel: a service on a page.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { endOfRecord, lastEndOf } from '../../src/cli/service-page/ends.ts'
import Explain from '../../src/commands/explain.ts'
import Kill from '../../src/commands/kill.ts'
import Up from '../../src/commands/up.ts'
import { createFakeDriver, type FakeDriver } from '../support/fake-driver.ts'
import { runCommand } from '../support/run-command.ts'

const compose = `
name: app
services:
  web:
    image: nginx
    command: [serve, "--name=a b"]
    ports: ["8080:80"]
    volumes: ["data:/data:ro"]
    mem_limit: 64m
    depends_on:
      db: { condition: service_healthy }
      job: { condition: service_completed_successfully, required: false }
  db: { image: mariadb, healthcheck: { test: "true" } }
  job: { image: nginx, command: [job] }
volumes: { data: {} }
`
const matches = new Ajv2020({ strict: true, formats: { 'date-time': true } }).compile(
  JSON.parse(readFileSync(new URL('../../schemas/output/explain.json', import.meta.url), 'utf8')),
)

let directory = ''
let driver: FakeDriver
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tsc-explain-'))
  write(compose)
  driver = createFakeDriver({
    images: ['nginx', 'nginx:2', 'mariadb'],
    program: ({ command }) => (command?.[0] === 'job' ? { exitCode: 0 } : { health: ['healthy'] }),
  })
})
afterEach(() => rmSync(directory, { recursive: true }))

const write = (text: string): void => writeFileSync(join(directory, 'compose.yaml'), text)
const run = (Command: Parameters<typeof runCommand>[0], ...words: readonly string[]) =>
  runCommand(Command, ['-f', join(directory, 'compose.yaml'), ...words], driver)
const page = async (...words: readonly string[]): Promise<string> => {
  const { stdout, stderr, exitCode } = await run(Explain, ...words)
  expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 })
  return stdout.replaceAll(`${directory}/`, '').replaceAll(/\d+ (seconds|years)|Less than a second/g, 'N')
}

test('a service that was never brought up is what the file says, each with its place', async () => {
  expect(await page('web')).toMatchInlineSnapshot(`
    "web is
      image         nginx                         compose.yaml:5:12
      command       serve "--name=a b"            compose.yaml:6:5
      port          8080 -> 80/tcp                compose.yaml:7:13
      network       app_default
      volume        app_data -> /data, read-only  compose.yaml:8:15
      memory limit  64MiB                         compose.yaml:9:16

    web waits for
      db   to be healthy: it is not (it has no container)                       compose.yaml:11:7
      job  to have done its job, where it can: it is not (it has no container)  compose.yaml:12:7

    containers
      none

    up web would do
      + create network app_default
      + create volume app_data
      + create container app-db-1
      + create container app-job-1
      + create container app-web-1
      > start container app-db-1
      > start container app-job-1
      . wait for container app-db-1 to be healthy
      . wait for container app-job-1 to complete
      > start container app-web-1
      plan: 5 to create, 3 to start
    "
  `)
})

test('what it waits for is told with how that is, and what up would do with the reasons', async () => {
  await run(Up, '-d')
  await run(Kill, 'db')
  write(compose.replace('image: nginx\n', 'image: nginx:2\n'))
  expect(await page('web')).toMatchInlineSnapshot(`
    "web is
      image         nginx:2                       compose.yaml:5:12
      command       serve "--name=a b"            compose.yaml:6:5
      port          8080 -> 80/tcp                compose.yaml:7:13
      network       app_default
      volume        app_data -> /data, read-only  compose.yaml:8:15
      memory limit  64MiB                         compose.yaml:9:16

    web waits for
      db   to be healthy: it is not (Exited (137) N ago)                 compose.yaml:11:7
      job  to have done its job, where it can: it is (Exited (0) N ago)  compose.yaml:12:7

    containers
      app-web-1  Up N

    up web would do
    -/+ recreate container app-web-1, because services.web.image changed: nginx -> nginx:2 (compose.yaml:5:12)
      > start container app-db-1, because it has exited (137)
      > start container app-job-1, because it has exited (0)
      . wait for container app-db-1 to be healthy
      . wait for container app-job-1 to complete
      > start container app-web-1
      plan: 1 to recreate, 3 to start
    "
  `)
})

test('--format json is the same for programs, with a schema', async () => {
  await run(Up, '-d')
  const document: unknown = JSON.parse(await page('web', '--format', 'json'))
  expect(matches(document), JSON.stringify(matches.errors)).toBe(true)
  expect(document).toMatchObject({
    project: 'app',
    service: 'web',
    needs: [
      { service: 'db', condition: 'healthy', required: true, met: true },
      { service: 'job', condition: 'completed', required: false, met: true },
    ],
    containers: [{ name: 'app-web-1', restarts: 0 }],
    changes: [],
  })
})

test('a service that is not there is named, with those that are', async () => {
  const { exitCode, stderr } = await run(Explain, 'wep')
  expect(exitCode).toBe(1)
  expect(stderr).toContain('no such service: wep')
  expect(stderr).toContain('web')
})

test('what up would be refused for is told, and the page all the same', async () => {
  write(compose.replace('image: nginx\n', 'image: nginx:3\n    pull_policy: never\n'))
  const { exitCode, stdout, stderr } = await run(Explain, 'web')
  expect(exitCode).toBe(0)
  expect(stderr).toContain('[image-missing]')
  expect(stdout).toContain('up web would do\n  nothing: it is refused\n')
})

const event = (second: number, action: string, attributes: Readonly<Record<string, string>> = {}) => ({
  timeNs: BigInt(second) * 1_000_000_000n,
  containerId: 'c',
  containerName: 'app-web-1',
  image: 'nginx',
  labels: {},
  action,
  attributes,
})
const die = (second: number, exitCode: number) => event(second, 'die', { exitCode: `${exitCode}` })

test.each([
  ['nothing is told of what never ended', [event(1, 'start')], undefined],
  ['an end of its own', [event(1, 'start'), die(2, 3)], { cause: 'by-itself', exitCode: 3, unhealthy: false }],
  ['too little memory', [event(1, 'start'), event(2, 'oom'), die(2, 137)], { cause: 'out-of-memory' }],
  ['a signal', [event(1, 'start'), event(2, 'kill', { signal: '9' }), die(2, 137)], { cause: 'killed', signal: '9' }],
  [
    'a stop and a start, also where the stop is told of after the end',
    [event(1, 'start'), event(2, 'kill', { signal: '15' }), die(2, 0), event(3, 'stop'), event(4, 'start')],
    { cause: 'stopped', startedAgain: 'command' },
  ],
  [
    'the restart policy',
    [event(1, 'start'), event(1, 'health_status: unhealthy'), die(2, 1), event(3, 'start')],
    { cause: 'by-itself', unhealthy: true, startedAgain: 'restart-policy' },
  ],
  [
    'the last of several',
    [event(1, 'start'), event(2, 'stop'), die(2, 0), event(3, 'start'), die(4, 5)],
    { exitCode: 5 },
  ],
])('the journal tells of %s', (_, events, expected) => {
  const end = lastEndOf(events, 10_000)
  if (expected === undefined) expect(end).toBeUndefined()
  else expect(end).toMatchObject(expected)
})

test('where the journal tells nothing any more, the state tells what it knows', async () => {
  await run(Up, '-d')
  const [container = expect.fail('there is none')] = driver.everything().containers
  expect(endOfRecord(container, 10_000)).toBeUndefined()
  const ended = { ...container, status: 'exited' as const, exitCode: 7, finishedAtMs: 5_000 }
  expect(endOfRecord(ended, 10_000)).toEqual({
    at: '1970-01-01T00:00:05.000Z',
    ago: '5 seconds ago',
    exitCode: 7,
    cause: 'unknown',
    unhealthy: false,
  })
  expect(endOfRecord({ ...ended, oomKilled: true }, 10_000)).toMatchObject({ cause: 'out-of-memory' })
})
