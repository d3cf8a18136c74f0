import { execFileSync } from 'node:child_process'
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { writeWhole } from '../../src/cli/write-whole.ts'

describe('a file for a large answer', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'write-whole-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))
  const write = (name: string) => writeWhole(join(folder, name), async (say) => say(Buffer.from('new')))

  it('takes the place of another one', async () => {
    writeFileSync(join(folder, 'answer'), 'old')
    await write('answer')
    expect(readFileSync(join(folder, 'answer'), 'utf8')).toBe('new')
  })

  it('is written where a link leads to, and the link stays one', async () => {
    writeFileSync(join(folder, 'answer'), 'old')
    symlinkSync('answer', join(folder, 'link'))
    await write('link')
    expect(readFileSync(join(folder, 'answer'), 'utf8')).toBe('new')
    expect(lstatSync(join(folder, 'link')).isSymbolicLink()).toBe(true)
  })

  it('never takes the place of what is no file, such as a pipe or a device', async () => {
    execFileSync('mkfifo', [join(folder, 'pipe')])
    mkdirSync(join(folder, 'directory'))
    symlinkSync('pipe', join(folder, 'link'))
    await expect(write('pipe')).rejects.toThrow('invalid output path: cannot write to a named pipe (FIFO)')
    await expect(write('directory')).rejects.toThrow('invalid output path: cannot write to a directory')
    await expect(write('link')).rejects.toThrow('invalid output path: cannot write to a named pipe (FIFO)')
    expect(lstatSync(join(folder, 'pipe')).isFIFO()).toBe(true)
    expect(readdirSync(folder).sort()).toEqual(['directory', 'link', 'pipe'])
  })
})
