import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fileReader } from '../../../src/cli/file-reader.ts'
import { noting } from '../../../src/cli/settled/inquiry.ts'

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
