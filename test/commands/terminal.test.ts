// What stands in files and in images reaches a terminal without anything it would obey.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import Config from '../../src/commands/config.ts'
import Down from '../../src/commands/down.ts'
import Ps from '../../src/commands/ps.ts'
import Up from '../../src/commands/up.ts'
import { createFakeDriver, type FakeDriver } from '../support/fake-driver.ts'
import { runAtTerminal, runCommand } from '../support/run-command.ts'

const evil = 'evil\u001b[2J\u009b31m\u202e'
let directory = ''
let file: readonly string[] = []
let driver: FakeDriver

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'tscompose-terminal-'))
  const service = { image: evil, labels: { a: evil }, command: [evil], profiles: [] }
  // JSON escapes only what stands below the space.
  const text = JSON.stringify({ name: 'app', services: { web: service } }).replaceAll('\u009b', '\\u009b')
  writeFileSync(join(directory, 'compose.yaml'), text)
  writeFileSync(join(directory, '.env'), `EVIL='${evil}'\n`)
  file = ['--file', join(directory, 'compose.yaml')]
  driver = createFakeDriver({ images: [evil] })
})
afterAll(() => rmSync(directory, { recursive: true }))

/** Neither control characters, but for line ends and tabs, nor those that turn the direction of writing. */
const harmless = /^(?:[\t\n]|[^\p{Cc}\u202A-\u202E\u2066-\u2069])*$/u

test.each([
  ['config', Config, []],
  ['config as JSON', Config, ['--format', 'json']],
  ['config --images', Config, ['--images']],
  ['config --environment', Config, ['--environment']],
  ['up --dry-run', Up, ['--dry-run']],
  ['up', Up, ['-d']],
  ['ps', Ps, ['--no-trunc']],
  ['ps as JSON', Ps, ['--format', 'json']],
  ['ps by a template', Ps, ['--format', '{{.Image}} {{.Labels}}']],
  ['down', Down, []],
] as const)('%s', async (_, Command, words) => {
  const { exitCode, stdout, stderr } = await runAtTerminal(Command, ['--ansi=never', ...file, ...words], driver)
  expect(exitCode).toBe(0)
  expect(stdout).toMatch(harmless)
  expect(stderr).toMatch(harmless)
})

test('an error says such a name too', async () => {
  const { exitCode, stderr } = await runAtTerminal(Config, [...file, evil], driver)
  expect(exitCode).toBe(1)
  expect(stderr).toMatch(harmless)
  expect(stderr).toContain('evil\\x1b[2J\\x9b31m\\u202e')
})

test('a pipe gets every byte', async () => {
  expect((await runCommand(Config, [...file, '--images'], driver)).stdout).toBe(`${evil}\n`)
})
