import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fileReader } from '../../../src/cli/file-reader.ts'
import { isAnsweredAlike, noting } from '../../../src/cli/settled/inquiry.ts'
import { digestOf, keyOf, readNote } from '../../../src/cli/settled/note.ts'

describe('a note', () => {
  const question = { words: ['up', '-d'], cwd: '/app', environment: { TAG: '1', SHLVL: '1' } }
  const text = JSON.stringify({
    version: 1,
    words: ['up', '-d'],
    cwd: '/app',
    environmentDigest: digestOf({ TAG: '1' }),
  })

  test('answers the same question', () => {
    expect(readNote(text, question)?.cwd).toBe('/app')
    expect(
      readNote(text, { ...question, environment: { TAG: '1', SHLVL: '2', _: '/bin/x', OLDPWD: '/' } }),
    ).toBeDefined()
  })

  test.each([
    ['other words', { words: ['up'] }],
    ['another directory', { cwd: '/app/below' }],
    ['another variable', { environment: { TAG: '2' } }],
    ['one variable more', { environment: { TAG: '1', DEBUG: '' } }],
    ['one variable less', { environment: {} }],
  ])('does not answer for %s', (_, change) => {
    expect(readNote(text, { ...question, ...change })).toBeUndefined()
  })

  test('has a name of its own for each command line and directory', () => {
    const keys = [question, { ...question, words: ['up', '-d', 'db'] }, { ...question, cwd: '/ap' }].map(keyOf)
    expect(new Set(keys).size).toBe(3)
    for (const key of keys) expect(key).toMatch(/^[0-9a-f]{1,8}$/)
  })
})

describe('what was asked of the files', () => {
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tscompose-inquiry-'))
    writeFileSync(join(folder, 'compose.yaml'), 'services: {}\n')
    symlinkSync('compose.yaml', join(folder, 'link'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  test('is remembered, whether it was there or not', () => {
    const { reader, inquiry } = noting(fileReader)
    const [file, absent, link] = ['compose.yaml', '.env', 'link'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ]
    reader.kind(file)
    reader.kind(absent)
    reader.kind(folder)
    reader.read(file)
    reader.read(absent)
    reader.realpath(link)
    expect(inquiry()).toEqual({
      files: { [file]: true, [absent]: false },
      kinds: { [file]: 'file', [absent]: 'nothing', [folder]: 'directory' },
      realpaths: { [link]: file },
      asksTheShell: false,
    })
    expect(isAnsweredAlike(inquiry(), fileReader)).toBe(true)
    writeFileSync(absent, '')
    expect(isAnsweredAlike(inquiry(), fileReader)).toBe(false)
    rmSync(absent)
    rmSync(link)
    symlinkSync('..', link)
    expect(isAnsweredAlike(inquiry(), fileReader)).toBe(false)
  })

  test.each(['image: x:$SHLVL', 'environment: [OLDPWD]', 'command: echo $_', 'environment:\n  - _\n'])(
    'is no ground for an answer where a file says %j',
    (text) => {
      const { reader, inquiry } = noting({ ...fileReader, read: () => Buffer.from(text) })
      reader.read('compose.yaml')
      expect(inquiry().asksTheShell).toBe(true)
    },
  )

  test('is one where the names are parts of others', () => {
    const { reader, inquiry } = noting({ ...fileReader, read: () => 'image: my_app:$MY_SHLVL_\n' })
    reader.read('compose.yaml')
    expect(inquiry().asksTheShell).toBe(false)
  })
})
