// What is offered where the cursor is. The commands are the real ones.
import type { Command } from '@oclif/core'
import { describe, expect, test } from 'vitest'
import { COMMANDS } from '../../src/cli/commands.ts'
import { candidatesFor, type KnownCommand } from '../../src/cli/completion/candidates.ts'
import { SCRIPTS } from '../../src/cli/completion/scripts.ts'
import { globalFlags } from '../../src/cli/global-flags.ts'

const loaded = Object.entries(COMMANDS).map(
  async ([id, load]) => [id, (await load()).default as typeof Command as KnownCommand] as const,
)
const known = { commands: Object.fromEntries(await Promise.all(loaded)), globalFlags }
const names = { services: () => ['cache', 'db', 'web'], profiles: () => ['debug'] }

/** The texts; the last word is the one that is being written. */
function offered(...words: readonly string[]): readonly string[] | string {
  const answer = candidatesFor(words, known, names)
  return typeof answer === 'string' ? answer : answer.map(({ text }) => text)
}

describe('commands', () => {
  test('are offered first, by their beginning, with what they are for', () => {
    expect(offered('')).toEqual(expect.arrayContaining(['up', 'image', 'help', 'completion']))
    expect(offered('')).not.toContain('complete')
    expect(candidatesFor(['unp'], known, names)).toEqual([{ text: 'unpause', description: 'Unpause services' }])
    expect(offered('image', 'in')).toEqual(['inspect'])
    expect(offered('--profile', 'debug', '-p', 'x', 'ps')).toEqual(['ps'])
  })
  test('that there are not have nothing to offer', () => expect(offered('nonsense', '')).toEqual([]))
})

describe('services', () => {
  test.each([['up'], ['logs', '-f'], ['exec'], ['run', '--rm'], ['down'], ['top'], ['wait'], ['plan'], ['port']])(
    'are offered behind %s %s',
    (...words) => {
      expect(offered(...words, '')).toEqual(['cache', 'db', 'web'])
    },
  )
  test('are offered once each', () => expect(offered('up', 'db', '')).toEqual(['cache', 'web']))
  test('are one for some commands, and what follows is not ours', () => {
    expect(offered('exec', 'db', '')).toEqual([])
    expect(offered('run', 'db', '--')).toEqual([])
    expect(offered('attach', 'db', '')).toEqual([])
  })
  test('come with what belongs behind them', () => {
    expect(offered('scale', 'w')).toEqual(['web='])
    expect(offered('scale', 'web=2', '')).toEqual(['cache=', 'db='])
    expect(offered('cp', 'd')).toEqual(['db:'])
    expect(offered('cp', './x')).toBe('files')
  })
  test('are the values of some flags', () => {
    expect(offered('up', '--exit-code-from', 'd')).toEqual(['db'])
    expect(offered('up', '--scale', 'd')).toEqual(['db='])
    expect(offered('up', '--attach=d')).toEqual(['--attach=db'])
  })
})

describe('flags', () => {
  test('are those of the command and the global ones, without the hidden', () => {
    expect(offered('down', '--')).toEqual(expect.arrayContaining(['--volumes', '--file', '--help']))
    expect(offered('--pro')).toEqual(['--profile', '--progress', '--project-directory', '--project-name'])
    expect(offered('exec', '--')).not.toContain('--interactive')
  })
  test('have the values they know of', () => {
    expect(offered('up', '--pull', 'm')).toEqual(['missing'])
    expect(offered('up', '--pull=m')).toEqual(['--pull=missing'])
    expect(offered('--profile', '')).toEqual(['debug'])
    expect(offered('-f', '')).toBe('files')
    expect(offered('--project-directory', '')).toBe('directories')
    expect(offered('logs', '--tail', '')).toEqual([])
  })
  test('that take no value leave the next word free', () => expect(offered('up', '-d', 'd')).toEqual(['db']))
})

test('other words have the files, or nothing', () => {
  expect(offered('apply', '')).toBe('files')
  expect(offered('version', '')).toEqual([])
  expect(offered('completion', '')).toEqual(Object.keys(SCRIPTS))
})
