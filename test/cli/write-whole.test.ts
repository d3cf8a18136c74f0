import { execFileSync, spawn } from 'node:child_process'
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { writeWhole } from '../../src/cli/write-whole.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tscompose-whole-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const hello = async (write: (data: Uint8Array) => void): Promise<void> => write(Buffer.from('hello'))

test('a file is there when it is complete, and as it was when that fails', async () => {
  const path = join(folder, 'file')
  await writeWhole(path, hello)
  const broken = writeWhole(path, async (write) => {
    write(Buffer.from('half'))
    throw new Error('no more')
  })
  await expect(broken).rejects.toThrow('no more')
  expect([readFileSync(path, 'utf8'), readdirSync(folder)]).toEqual(['hello', ['file']])
})

test('a link stays a link', async () => {
  writeFileSync(join(folder, 'file'), 'before')
  symlinkSync('file', join(folder, 'link'))
  await writeWhole(join(folder, 'link'), hello)
  expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('hello')
  expect(lstatSync(join(folder, 'link')).isSymbolicLink()).toBe(true)
})

test('a pipe takes what is written, and stays a pipe', async () => {
  const path = join(folder, 'pipe')
  execFileSync('mkfifo', [path])
  const reader = spawn('cat', [path], { stdio: ['ignore', 'pipe', 'inherit'] })
  await writeWhole(path, hello)
  expect(await text(reader.stdout)).toBe('hello')
  expect(lstatSync(path).isFIFO()).toBe(true)
})

test.each([
  ['', 'is a directory'],
  ['missing/file', 'does not exist'],
])('%j is refused: it %s', async (name, reason) => {
  await expect(writeWhole(join(folder, name), hello)).rejects.toThrow(reason)
})
