// Starting quickly is not loading: which files and modules the everyday commands touch, so that a new import shows here and not on a stop-watch.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
let project = ''

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'tscompose-start-up-'))
  writeFileSync(
    join(project, 'compose.yaml'),
    'services:\n  web: { image: nginx, depends_on: [db] }\n  db: { image: mariadb }\n',
  )
})
afterAll(() => rmSync(project, { recursive: true }))

interface Loaded {
  readonly chunks: readonly string[]
  readonly builtins: readonly string[]
  readonly refused: readonly string[]
}

function loadedBy(args: readonly string[]): Loaded {
  const { NODE_EXTRA_CA_CERTS: _, ...environment } = process.env
  const hook = join(root, 'test/support/loaded-files.cjs')
  const { output } = spawnSync(process.execPath, ['--require', hook, join(root, 'bin/tscompose.cjs'), ...args], {
    cwd: project,
    env: environment,
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  })
  const { files, builtins, refused } = JSON.parse(output[3] ?? '') as {
    readonly files: readonly string[]
    readonly builtins: readonly string[]
    readonly refused: readonly string[]
  }
  const chunks = files
    .filter((file) => file.endsWith('.cjs') && file.includes('/dist/'))
    .map((file) => basename(file, '.cjs'))
  return { chunks: [...new Set(chunks)].sort(), builtins, refused }
}

const heavy = [
  'stream',
  'zlib',
  'internal/fs/promises',
  'net',
  'tls',
  'http',
  'https',
  'child_process',
  'readline',
  'worker_threads',
  'internal/modules/esm/fetch_module',
  'internal/deps/undici/undici',
]

describe('the set of files', () => {
  test('version loads the launcher and itself', () => {
    expect(loadedBy(['version']).chunks).toEqual([
      'base-command',
      'cli-failure',
      'commands-version',
      'diagnostic',
      'main',
    ])
  })

  test('config loads the model and neither planner, nor driver, nor progress', () => {
    expect(loadedBy(['config']).chunks).toEqual([
      'base-command',
      'cli-failure',
      'commands-config',
      'diagnostic',
      'digests',
      'main',
      'model-load',
    ])
  })

  test.each([[['version']], [['config']], [['ps']], [['image', 'ls']]])('%j loads no heavy module of Node', (args) => {
    const { builtins } = loadedBy(args)
    expect(heavy.filter((name) => builtins.includes(name))).toEqual([])
  })

  test.each([[['version']], [['config']], [['ps']], [['up', '--dry-run']]])(
    '%j: V8 takes the code that was compiled for it',
    (args) => {
      expect(loadedBy(args).refused).toEqual([])
    },
  )
})

test('what is loaded before the launcher may have made what Node makes late', () => {
  const before = join(project, 'before.cjs')
  writeFileSync(before, 'AbortController; process.stdout; process.stderr; process.stdin\n')
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--require', before, join(root, 'bin/tscompose.cjs'), 'version', '--short'],
    { encoding: 'utf8' },
  )
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(stdout).toMatch(/^v?\d+[.]\d+[.]\d+\n$/)
})
