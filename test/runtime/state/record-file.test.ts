import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { isAlive } from '../../../src/runtime/state/identity.ts'
import { claimName, findByName, releaseName } from '../../../src/runtime/state/names.ts'
import { controlSocketPath, statePaths } from '../../../src/runtime/state/paths.ts'
import { readRecord, replaceRecord } from '../../../src/runtime/state/record-file.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tscompose-state-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

test('a record is replaced whole, for its owner only, and leaves nothing beside it', () => {
  const path = join(directory, 'state.json')
  replaceRecord(path, { version: 1, a: 1 })
  replaceRecord(path, { version: 1, a: 2 })
  expect(readRecord(path)).toEqual({ version: 1, a: 2 })
  expect(readdirSync(directory)).toEqual(['state.json'])
  expect(statSync(path).mode & 0o777).toBe(0o600)
})

test("a record that can't be replaced leaves no other file behind", () => {
  mkdirSync(join(directory, 'state.json'))
  expect(() => replaceRecord(join(directory, 'state.json'), { version: 1 })).toThrow()
  expect(readdirSync(directory)).toEqual(['state.json'])
})

test.each(['', '{', 'null', '[]', '{"version":2}', '\0\0\0'])(
  'a record that reads %j is told as damaged, with its file',
  (text) => {
    const path = join(directory, 'state.json')
    writeFileSync(path, text)
    expect(() => readRecord(path)).toThrow(path)
  },
)

test('a record that is not there is no error', () => {
  expect(readRecord(join(directory, 'no', 'such.json'))).toBeUndefined()
})

test('a name whose holder is gone is free', () => {
  let held = true
  const index = { directory: join(directory, 'names'), holder: (id: string) => (held ? id : undefined) }
  claimName(index, 'app-web-1', { id: 'id', directory })
  expect(findByName(index, 'app-web-1')).toBe('id')
  held = false
  expect(findByName(index, 'app-web-1')).toBeUndefined()
  releaseName(index, 'app-web-1')
  releaseName(index, 'app-web-1')
})

test.each(['../etc', 'a/b', '.hidden', '', '-x'])('"%s" never becomes a path', (name) => {
  expect(() => findByName({ directory, holder: (id) => id }, name)).toThrow(`the name "${name}"`)
})

test('no process is believed that is not proven', () => {
  for (const pid of [0, 1, -1, process.pid]) expect(isAlive({ pid, startTime: 1, bootId: 'x' })).toBe(false)
})

test("the state is root's in /var/lib and /run, a user's in XDG directories, or where one is told", () => {
  expect(statePaths({}, 0)).toMatchObject({ dataDir: '/var/lib/tscompose', runDir: '/run/tscompose' })
  expect(statePaths({ HOME: '/h', XDG_RUNTIME_DIR: '/run/user/7' }, 7)).toMatchObject({
    dataDir: '/h/.local/share/tscompose',
    runDir: '/run/user/7/tscompose',
  })
  expect(statePaths({ HOME: '/h', TSCOMPOSE_DATA_DIR: '/d', TSCOMPOSE_RUN_DIR: '/r' }, 7)).toMatchObject({
    dataDir: '/d',
    runDir: '/r',
  })
  expect(controlSocketPath(statePaths({}, 0), 'ab'.repeat(32))).toBe('/run/tscompose/monitors/abababababababab.sock')
})
