import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { chooseDetachKeys, readDetachKeys, untilDetached } from '../../src/cli/detach-keys.ts'

async function pass(pieces: readonly string[], keys = 'ctrl-p,ctrl-q'): Promise<{ text: string; detached: boolean }> {
  async function* input(): AsyncGenerator<Uint8Array> {
    for (const piece of pieces) yield Buffer.from(piece)
  }
  let detached = false
  let text = ''
  const onDetach = (): void => {
    detached = true
  }
  for await (const data of untilDetached(input(), readDetachKeys(keys), onDetach)) text += Buffer.from(data).toString()
  return { text, detached }
}

test('keys are letters and control characters', () => {
  expect([...readDetachKeys('ctrl-p,ctrl-q')]).toEqual([16, 17])
  expect([...readDetachKeys('ctrl-@,a,ctrl-[,ctrl-_,X')]).toEqual([0, 97, 27, 31, 88])
  for (const wrong of ['', 'ctrl-', 'ctrl-1', 'ab', 'ctrl-p,', 'ü'])
    expect(() => readDetachKeys(wrong), wrong).toThrow('invalid detach keys')
})
test('the keys end it, however they arrive, and what came before is passed on', async () => {
  expect(await pass(['ab\x10\x11cd'])).toEqual({ text: 'ab', detached: true })
  expect(await pass(['ab\x10', '\x11cd'])).toEqual({ text: 'ab', detached: true })
  expect(await pass(['\x10\x10\x11'])).toEqual({ text: '\x10', detached: true })
})
test('what only looks like them is passed on', async () => {
  expect(await pass(['a\x10', 'b\x11\x10'])).toEqual({ text: 'a\x10b\x11\x10', detached: false })
  expect(await pass(['xy'], 'x,z')).toEqual({ text: 'xy', detached: false })
})

test('they are those of the flag, else of the Docker configuration, else ctrl-p,ctrl-q', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tsc-keys-'))
  const keys = (flag: string | undefined, config: string | undefined): readonly number[] => {
    rmSync(join(folder, 'config.json'), { force: true })
    if (config !== undefined) writeFileSync(join(folder, 'config.json'), config)
    return [...chooseDetachKeys(flag, { DOCKER_CONFIG: folder })]
  }
  expect(keys(undefined, undefined)).toEqual([16, 17])
  expect(keys(undefined, '{"detachKeys": "ctrl-x,x"}')).toEqual([24, 120])
  expect(keys('a,b', '{"detachKeys": "ctrl-x,x"}')).toEqual([97, 98])
  for (const config of ['{}', '{"detachKeys": 7}', 'null', '{"detachKeys"'])
    expect(keys(undefined, config), config).toEqual([16, 17])
  expect(() => keys(undefined, '{"detachKeys": "zzz"}')).toThrow('invalid detach keys "zzz"')
  rmSync(folder, { recursive: true })
})
