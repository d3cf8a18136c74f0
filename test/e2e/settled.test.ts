// `up -d` twice: the second time it answers by a note, and the note never answers for anything that has changed since.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { killWatchers, type Watcher, watchers } from '../support/watchers.ts'
import { eventually, mustRun, program, stateEnvironment } from './support/cli.ts'
import { type Folder, useFolder } from './support/folder.ts'
import { privileged, useImages } from './support/privileged.ts'

const compose = `
name: settled
services:
  web:
    image: busybox
    command: sleep 1000
    stop_grace_period: 0s
    environment: { TAG: "$TAG" }
    env_file: [{ path: web.env, required: false }]
  db:
    image: settled:1
    command: sleep 1000
    stop_grace_period: 0s
  probed:
    image: busybox
    command: sleep 1000
    stop_grace_period: 0s
    healthcheck: { test: ["CMD", "true"], interval: 400ms }
`

interface Up {
  readonly said: string
  /** Whether nothing was loaded that could have changed anything: Node was not asked. */
  readonly byNote: boolean
}

/** Has Node say on descriptor 3 that it was asked. No program in its place: a shell would give the environment on otherwise than it came. */
let witness = ''
beforeAll(() => {
  witness = mkdtempSync(join(tmpdir(), 'tscompose-witness-'))
  writeFileSync(join(witness, 'hook.cjs'), "require('node:fs').writeSync(3, 'node')")
})
afterAll(() => rmSync(witness, { recursive: true }))

const words = ['up', '-d']

function surroundings(here: Folder, more: Readonly<Record<string, string>>) {
  const { NODE_EXTRA_CA_CERTS: _, GITHUB_ACTIONS: __, ...rest } = process.env
  const NODE_OPTIONS = `--require ${join(witness, 'hook.cjs')}`
  return { cwd: here.cwd, env: { ...rest, ...stateEnvironment(), NODE_OPTIONS, TAG: '1', ...more }, timeout: 60_000 }
}

function up(here: Folder, environment: Readonly<Record<string, string>> = {}): Up {
  const { output, status } = spawnSync(program, words, {
    ...surroundings(here, environment),
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    encoding: 'utf8',
  })
  expect(output.slice(1, 3).join(''), 'what a failing up says').toSatisfy(() => status === 0)
  return { said: output[2] ?? '', byNote: output[3] === '' }
}

/** Like `up`; `onWord` hears all that has been said so far, each time something is. */
async function upBeside(here: Folder, onWord: (said: string) => void): Promise<Up> {
  const child = spawn(program, words, {
    ...surroundings(here, {}),
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  })
  let said = ''
  child.stderr?.on('data', (bytes) => {
    said += bytes
    onWord(said)
  })
  const asked = text(child.stdio[3] as Readable)
  await once(child, 'close')
  expect(said, 'what a failing up says').toSatisfy(() => child.exitCode === 0)
  return { said, byNote: (await asked) === '' }
}

/** A note needs a moment without changes. */
function settle(here: Folder, environment: Readonly<Record<string, string>> = {}): Promise<Up> {
  return eventually('an answer by a note', async () => {
    const answer = up(here, environment)
    return answer.byNote ? answer : undefined
  })
}

const lines = (text: string): readonly string[] => text.trimEnd().split('\n').toSorted()

async function monitorOf(here: Folder, service: string): Promise<readonly Watcher[]> {
  const containerId = (await mustRun(['ps', '-q', service], here)).stdout.trim()
  return watchers().filter((one) => one.containerId === containerId && one.kind === 'monitor')
}

type Change = (here: Folder) => unknown

const edit =
  (name: string, text: (before: string) => string): Change =>
  ({ cwd }) =>
    writeFileSync(join(cwd, name), text(name === 'compose.yaml' ? compose : ''))

const changes: readonly (readonly [string, Change, RegExp])[] = [
  [
    'a file',
    edit('compose.yaml', (text) => text.replace('command: sleep 1000', 'command: sleep 1001')),
    /web-1 +Recreated/,
  ],
  ['nothing but the time of a file', edit('compose.yaml', (text) => text), /web-1 +Running/],
  ['an env file that was not there', edit('web.env', () => 'MORE=1\n'), /web-1 +Recreated/],
  [
    'an override that was not there',
    edit(
      'compose.override.yaml',
      () => 'services: { extra: { image: busybox, command: sleep 9, stop_grace_period: 0s } }\n',
    ),
    /extra-1 +Started/,
  ],
  ['a .env that was not there', edit('.env', () => 'COMPOSE_PROFILES=none\n'), /web-1 +Running/],
  ['a container that was stopped', (here) => mustRun(['stop', 'db'], here), /db-1 +Started/],
  ['a container that was removed', (here) => mustRun(['rm', '-sf', 'db'], here), /db-1 +Created/],
  ['a container that was killed', (here) => mustRun(['kill', 'db'], here), /db-1 +Started/],
  ['a project that was taken down', (here) => mustRun(['down', '-t', '0'], here), /Network settled_default +Created/],
  ['a monitor that was killed', async (here) => killWatchers(await monitorOf(here, 'db')), /db-1 +(Started|Recreated)/],
  ['another image of the same name', (here) => mustRun(['commit', 'web', 'settled:1'], here), /db-1 +Recreated/],
  ['more containers, as scale makes them', (here) => mustRun(['scale', 'db=2'], here), /db-2 +(Stopped|Removed)/],
]

describe.runIf(privileged)('an up -d that finds nothing to do', () => {
  useImages('busybox')
  const here = useFolder({ 'compose.yaml': compose }, async (here) => {
    await mustRun(['down', '-v', '-t', '0', '--remove-orphans'], here)
    await mustRun(['image', 'rm', 'settled:1'], here)
  })
  const bringUp = async (): Promise<void> => {
    await mustRun(['image', 'tag', 'busybox', 'settled:1'], here)
    await mustRun(['up', '-d', '--wait'], { cwd: here.cwd, environment: { TAG: '1' } })
  }

  test('is answered by a note the next time, in the same words, though states are written all the while', async () => {
    await bringUp()
    const second = up(here)
    expect(second.byNote).toBe(false)
    const third = await settle(here)
    expect(lines(third.said)).toEqual(lines(second.said))
    expect(third.said.match(/Running/g)).toHaveLength(3)
    // At least one probe of a health is between two of these.
    for (let round = 0; round < 4; round += 1) {
      await new Promise((resolve) => setTimeout(resolve, 450))
      expect(up(here).byNote).toBe(true)
    }
  })

  test.each(changes)('is looked into again after %s', async (_, change, expected) => {
    await bringUp()
    await settle(here)
    await change(here)
    const next = up(here)
    expect(next.said).toMatch(expected)
    expect(next.byNote).toBe(false)
    expect((await settle(here)).said).not.toMatch(/Started|Recreated|Created/)
  })

  test('is looked into again with another value of a variable, and once more with the first', async () => {
    await bringUp()
    await settle(here)
    expect(up(here, { TAG: '2' })).toMatchObject({ byNote: false, said: expect.stringMatching(/web-1 +Recreated/) })
    expect(up(here)).toMatchObject({ byNote: false, said: expect.stringMatching(/web-1 +Recreated/) })
    await settle(here, { SHLVL: '7' })
  })

  test('looks on a terminal as it did before, and is looked into again on one of another size', async () => {
    await bringUp()
    const asked = join(witness, 'asked')
    const onTerminal = (columns: number): Up => {
      const line = `stty rows 20 cols ${columns}; '${program}' ${words.join(' ')} 3>'${asked}'`
      const { stdout } = spawnSync('script', ['-qec', line, '/dev/null'], {
        ...surroundings(here, { TERM: 'xterm' }),
        encoding: 'utf8',
      })
      return { said: stdout, byNote: readFileSync(asked, 'utf8') === '' }
    }
    const long = onTerminal(70)
    expect(long).toMatchObject({ byNote: false, said: expect.stringContaining('[+] Running 3/3') })
    const short = await eventually('an answer by a note', async () => {
      const answer = onTerminal(70)
      return answer.byNote ? answer : undefined
    })
    const last = (said: string): string => said.slice(said.lastIndexOf('\x1b[?25l'))
    expect(last(short.said)).toBe(last(long.said))
    expect(onTerminal(71).byNote).toBe(false)
  })

  test('waits for whoever is at work on the project', async () => {
    await bringUp()
    await settle(here)
    const lock = join(stateEnvironment().TSCOMPOSE_DATA_DIR ?? '', 'locks', 'project-settled')
    const holder = spawn('flock', [lock, 'sh', '-c', 'echo held; exec cat'], { stdio: ['pipe', 'pipe', 'ignore'] })
    await once(holder.stdout, 'data')
    const answer = await upBeside(here, (said) => {
      if (/waiting/i.test(said)) holder.stdin.end()
    })
    expect(answer.byNote).toBe(false)
    expect(answer.said).toContain('settled')
    expect(answer.said).toMatch(/waiting/i)
  })

  test('makes good what a firewall has flushed', async () => {
    await bringUp()
    await settle(here)
    const rules = (): string => spawnSync('nft', ['list', 'table', 'inet', 'tscompose'], { encoding: 'utf8' }).stdout
    expect(rules()).toContain('chain')
    spawnSync('nft', ['delete', 'table', 'inet', 'tscompose'])
    expect(rules()).toBe('')
    expect(up(here).byNote).toBe(true)
    expect(rules()).toContain('chain')
  })

  test('says a warning each time', async () => {
    writeFileSync(join(here.cwd, 'compose.yaml'), `version: "3"\n${compose}`)
    await bringUp()
    for (let round = 0; round < 3; round += 1) {
      const answer = up(here)
      expect(answer).toMatchObject({ byNote: false, said: expect.stringContaining('obsolete') })
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  })

  test('keeps no note of what came by standard input', async () => {
    await bringUp()
    const give = async (text: string): Promise<string> => {
      await new Promise((resolve) => setTimeout(resolve, 50))
      const asked = { cwd: here.cwd, input: text, environment: { TAG: '1' } }
      return (await mustRun(['-f', '-', '--project-directory', here.cwd, 'up', '-d'], asked)).stderr
    }
    for (let round = 0; round < 3; round += 1) await give(compose)
    expect(await give(compose.replace('sleep 1000', 'sleep 1001'))).toMatch(/web-1 +Recreated/)
  })

  test('does not trust a note that is damaged', async () => {
    await bringUp()
    await settle(here)
    const folder = join(stateEnvironment().TSCOMPOSE_RUN_DIR ?? '', 'settled')
    for (const name of readdirSync(folder)) writeFileSync(join(folder, name), '{"version":1')
    expect(up(here)).toMatchObject({ byNote: false, said: expect.stringMatching(/web-1 +Running/) })
    rmSync(folder, { recursive: true })
    expect(up(here).byNote).toBe(false)
  })
})
