import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import Completion from '../../src/commands/completion.ts'
import Graph from '../../src/commands/graph.ts'
import { createFakeDriver } from '../support/fake-driver.ts'
import { runCommand } from '../support/run-command.ts'

let directory = ''
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'tsc-graph-'))
  const services = 'web: { image: x, depends_on: [db] }, db: { image: x }, alone: { image: x }'
  writeFileSync(join(directory, 'compose.yaml'), `name: app\nservices: { ${services} }\n`)
})
afterAll(() => rmSync(directory, { recursive: true }))

const graph = (...words: readonly string[]) =>
  runCommand(Graph, ['-f', join(directory, 'compose.yaml'), ...words], createFakeDriver())

test('graph draws the whole project, or services with what they need', async () => {
  expect(await graph()).toEqual({ exitCode: 0, stdout: 'alone\nweb\n└─ db (started)\n', stderr: '' })
  expect((await graph('web')).stdout).toBe('web\n└─ db (started)\n')
  expect((await graph('--format', 'dot')).stdout).toMatch(/^digraph "app" \{/)
  expect((await graph('--format', 'mermaid', 'db')).stdout).toBe('flowchart LR\n  s1["db"]\n')
})

test('graph knows three ways to draw, and the services that there are', async () => {
  expect(await graph('--format', 'svg')).toMatchObject({ exitCode: 1, stdout: '' })
  expect((await graph('nobody')).stderr).toContain('no such service: nobody')
})

test('completion is there for four shells, and says so of others', async () => {
  for (const shell of ['bash', 'zsh', 'fish', 'powershell'])
    expect((await runCommand(Completion, [shell], createFakeDriver())).stdout).toContain('complete')
  const other = await runCommand(Completion, ['tcsh'], createFakeDriver())
  expect(other).toMatchObject({ exitCode: 1, stdout: '' })
  expect(other.stderr).toContain('name bash, zsh, fish or powershell')
})
