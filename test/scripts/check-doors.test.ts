// A check that can't fail checks nothing: a forced door has to show.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
let house = ''

beforeEach(() => {
  house = mkdtempSync(join(tmpdir(), 'tscompose-doors-'))
  cpSync(join(root, 'tsconfig.json'), join(house, 'tsconfig.json'))
  symlinkSync(join(root, 'node_modules'), join(house, 'node_modules'))
})
afterEach(() => rmSync(house, { recursive: true }))

function check(files: Readonly<Record<string, string>>): { readonly status: number | null; readonly stdout: string } {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(house, path, '..'), { recursive: true })
    writeFileSync(join(house, path), text)
  }
  const { status, stdout } = spawnSync(process.execPath, [join(root, 'scripts/check-doors.mjs'), house], {
    encoding: 'utf8',
  })
  return { status, stdout }
}

const driver = { 'src/driver/driver.ts': 'export const LABEL = 1\n' }

test.each([
  [
    'the model knows no driver',
    { 'src/model/load.ts': "import { LABEL } from '../driver/driver.ts'\nexport const load = LABEL\n" },
    'model-doors',
  ],
  [
    'the planner does no i/o',
    { 'src/planner/up.ts': "import { readFileSync } from 'node:fs'\nexport const up = readFileSync\n" },
    'pure-rooms-do-no-io',
  ],
  [
    'a command does not reach the runtime',
    {
      'src/commands/up.ts': "import { run } from '../runtime/run.ts'\nexport default run\n",
      'src/runtime/run.ts': 'export const run = 1\n',
    },
    'commands-doors',
  ],
  [
    'the library does not reach the driver',
    { 'src/api.ts': "import { LABEL } from './driver/driver.ts'\nexport const api = LABEL\n" },
    'api-doors',
  ],
  [
    'the library is for others',
    {
      'src/api.ts': 'export const loadProject = 1\n',
      'src/cli/a.ts': "import { loadProject } from '../api.ts'\nexport const a = loadProject\n",
    },
    'api-is-for-others',
  ],
  [
    'nobody imports in circles',
    {
      'src/cli/a.ts': "import './b.ts'\nexport const a = 1\n",
      'src/cli/b.ts': "import './a.ts'\nexport const b = 1\n",
    },
    'no-circular',
  ],
])('%s', (_, files, rule) => {
  const { status, stdout } = check({ ...driver, ...files })
  expect(stdout).toContain(rule)
  expect(status).toBe(1)
})

test('doors that are used as they are meant are fine', () => {
  const { status, stdout } = check({
    ...driver,
    'src/commands/up.ts': "import { LABEL } from '../driver/driver.ts'\nexport default LABEL\n",
  })
  expect(stdout).toContain('2 modules looked at, 0 closed doors forced')
  expect(status).toBe(0)
})

test('a house without modules was not looked at', () => {
  mkdirSync(join(house, 'src'))
  expect(check({}).status).toBe(1)
})
