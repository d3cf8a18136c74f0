// What goes wrong is said in one clear message with exit code 1, and nothing half-made stays.
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { expectNothingLeft, takeSnapshot } from '../support/leaks.ts'
import { mustRun, type Outcome, tscompose, writeProject } from './support/cli.ts'
import { privileged, useImages } from './support/privileged.ts'

let cwd = ''
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'tsc-e2e-'))
})
afterEach(() => {
  rmSync(cwd, { recursive: true })
})

async function refusal(compose: string, args: readonly string[] = ['up', '-d']): Promise<string> {
  writeProject(cwd, { 'compose.yaml': compose })
  const outcome = await tscompose(args, { cwd })
  expect(outcome.code).toBe(1)
  expect(outcome.stdout).toBe('')
  expect(outcome.stderr).not.toMatch(/\n\s+at .*\(|node:internal/)
  return outcome.stderr
}

describe('a mistake in the file is shown where it is', () => {
  test('no file at all', async () => {
    const outcome = await tscompose(['up', '-d'], { cwd })
    expect(outcome.code).toBe(1)
    expect(outcome.stderr).toMatch(/no configuration file|compose\.yaml/)
  })

  test('a file that was named and is not there', async () => {
    const outcome = await tscompose(['-f', 'nowhere.yaml', 'up', '-d'], { cwd })
    expect(outcome).toMatchObject({ code: 1 })
    expect(outcome.stderr).toContain('nowhere.yaml')
  })

  test.each([
    ['bad YAML', 'services:\n  web:\n\timage: busybox\n', /compose\.yaml:3:1: error: /],
    [
      'an unknown key',
      'services:\n  web:\n    image: busybox\n    enviroment: {}\n',
      /compose\.yaml:4:5: error: .*"enviroment"[\s\S]*environment/,
    ],
    ['a wrong type', 'services:\n  web:\n    image: [busybox]\n', /compose\.yaml:3:12: error: /],
    [
      'an undefined service',
      'services:\n  web:\n    image: busybox\n    depends_on: [dbb]\n  db:\n    image: busybox\n',
      /compose\.yaml:4:18: error: .*"dbb"[\s\S]*did you mean "db"/,
    ],
    [
      'a cycle',
      'services:\n  a:\n    image: x\n    depends_on: [b]\n  b:\n    image: x\n    depends_on: [a]\n',
      /compose\.yaml:\d+:\d+: error: .*a -> b -> a/,
    ],
  ])('%s', async (_name, compose, expected) => {
    expect(await refusal(compose)).toMatch(expected)
  })
})

describe.runIf(privileged)('what the machine refuses leaves nothing behind', () => {
  useImages('busybox')
  let before: Awaited<ReturnType<typeof takeSnapshot>>
  beforeEach(async () => {
    before = await takeSnapshot()
  })

  async function nothingStays(): Promise<void> {
    await mustRun(['down', '-v'], { cwd })
    await expectNothingLeft(before)
  }

  test('an unknown image', async () => {
    const said = await refusal('services:\n  web:\n    image: no-such-image-anywhere:1\n')
    expect(said).toContain('no-such-image-anywhere:1')
    expect((await mustRun(['ps', '-a', '-q'], { cwd })).stdout).toBe('')
    await nothingStays()
  })

  test('a taken port names the port', async () => {
    const server = createServer().listen(18123, '0.0.0.0')
    await new Promise((resolve) => server.once('listening', resolve))
    const said = await refusal(
      'services:\n  web:\n    image: busybox\n    command: sleep 100\n    ports: ["18123:80"]\n',
    )
    expect(said).toMatch(/18123/)
    await new Promise((resolve) => server.close(resolve))
    await nothingStays()
  })

  test('a missing program', async () => {
    const said = await refusal('services:\n  web:\n    image: busybox\n    command: ["/no/such/program"]\n')
    expect(said).toContain('/no/such/program')
    await nothingStays()
  })

  test('a missing native build', async () => {
    writeProject(cwd, { 'compose.yaml': 'services:\n  web:\n    image: busybox\n' })
    const outcome = await tscompose(['up', '-d'], { cwd, environment: { TSCOMPOSE_NATIVE_PATH: '/nonexistent' } })
    expect(outcome.code).toBe(1)
    expect(outcome.stderr).toMatch(/native/)
    expect(
      (await tscompose(['config', '-q'], { cwd, environment: { TSCOMPOSE_NATIVE_PATH: '/nonexistent' } })).code,
    ).toBe(0)
  })

  test('an ordinary user, also one who asks for a port below 1024', async () => {
    writeProject(cwd, { 'compose.yaml': 'services:\n  web:\n    image: busybox\n    ports: ["80:80"]\n' })
    const outcome = await asNobody(['up', '-d'])
    expect(outcome.code).toBe(1)
    expect(outcome.stderr).toMatch(/^error: .* root .*\n +hint: .*ports below 1024/)
  })
})

/** As a user who owns nothing but a state directory of his own. */
async function asNobody(args: readonly string[]): Promise<Outcome> {
  const nobody = 65_534
  const home = join(cwd, 'home')
  mkdirSync(home)
  chownSync(home, nobody, nobody)
  chmodSync(cwd, 0o755)
  const environment = { HOME: home, TSCOMPOSE_DATA_DIR: join(home, 'data'), TSCOMPOSE_RUN_DIR: join(home, 'run') }
  return await tscompose(args, { cwd, environment, uid: nobody })
}
