// What this version can't do is said by name, with exit code 1 and another way to it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import Build from '../../src/commands/build.ts'
import Publish from '../../src/commands/publish.ts'
import Watch from '../../src/commands/watch.ts'
import { createFakeDriver } from '../support/fake-driver.ts'
import { runCommand } from '../support/run-command.ts'

const compose = `
name: later
services:
  plain: { image: busybox }
  made: { build: ., develop: { watch: [{ path: ., action: rebuild }] } }
`

describe('what is not there yet', () => {
  let directory = ''
  const driver = createFakeDriver()
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'tsc-later-'))
    writeFileSync(join(directory, 'compose.yaml'), compose)
  })
  afterAll(() => rmSync(directory, { recursive: true }))

  const run = (Command: Parameters<typeof runCommand>[0], ...words: readonly string[]) =>
    runCommand(Command, ['-f', join(directory, 'compose.yaml'), ...words], driver)

  test.each([
    [Build, [], 'building the image of service "made" is not supported yet'],
    [Watch, [], 'watching the files of service "made" is not supported yet'],
    [Publish, ['registry.example/app:1'], 'publishing a project to a registry is not supported yet'],
  ])('%o says so, and ends with 1', async (Command, words, message) => {
    const said = await run(Command, ...words)
    expect(said).toMatchObject({ exitCode: 1, stdout: '' })
    expect(said.stderr).toContain(`error: ${message}\n  hint: `)
  })

  test('a project with nothing to build is built', async () => {
    expect(await run(Build, 'plain')).toEqual({ exitCode: 0, stdout: '', stderr: 'No services to build\n' })
  })

  test('a project with nothing to watch says what is missing', async () => {
    expect((await run(Watch, 'plain')).stderr).toContain("consider setting a 'develop' section")
  })
})
