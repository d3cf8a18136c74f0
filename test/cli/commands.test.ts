import { readdirSync } from 'node:fs'
import { Command, type Interfaces } from '@oclif/core'
import { describe, expect, test } from 'vitest'
import { COMMANDS, FORMER_NAMES } from '../../src/cli/commands.ts'
import { globalFlags } from '../../src/cli/global-flags.ts'
import { commandHelp } from '../../src/cli/help.ts'

type CommandClass = typeof Command & { readonly interspersed: boolean; readonly usage: string }

const loaded = await Promise.all(
  Object.entries(COMMANDS).map(async ([id, load]) => [id, (await load()).default as CommandClass] as const),
)

test('every file of src/commands is in the table, and nothing else', () => {
  const files = readdirSync(new URL('../../src/commands', import.meta.url), { recursive: true, encoding: 'utf8' })
  const ids = files.filter((file) => file.endsWith('.ts')).map((file) => file.slice(0, -3).replaceAll('/', ':'))
  expect(Object.keys(COMMANDS).sort()).toEqual(ids.sort())
})

test('former names lead to the commands that know of them', () => {
  const known = loaded.flatMap(([id, { hiddenAliases }]) => (hiddenAliases ?? []).map((name) => [name, id]))
  expect(FORMER_NAMES).toEqual(Object.fromEntries(known))
})

describe.each(loaded)('%s', (id, command) => {
  const flags = command.flags as Interfaces.FlagInput

  test('is an oclif command with a summary and a usage line', () => {
    expect(command.prototype).toBeInstanceOf(Command)
    expect(command.summary).toMatch(/^[A-Z]/)
    expect(command.usage.startsWith(id.replaceAll(':', ' '))).toBe(true)
  })

  test('describes each flag', () => {
    for (const [name, flag] of Object.entries(flags ?? {})) expect(flag.description, name).toBeTruthy()
  })

  test('has no flag by the name of a global one, because global flags are handed on by name', () => {
    expect(Object.keys(flags ?? {}).filter((name) => name in globalFlags)).toEqual([])
  })

  test('gives each letter to one flag', () => {
    const letters = Object.values(flags ?? {}).flatMap((flag) => flag.char ?? [])
    expect(new Set(letters).size).toBe(letters.length)
  })
})

test('the command line is what was agreed: a change of flags shows here', async () => {
  const surface = Object.fromEntries(
    loaded.map(([id, command]) => [
      id,
      { usage: command.usage, flags: Object.fromEntries(Object.entries(command.flags ?? {}).map(describeFlag)) },
    ]),
  )
  await expect(`${JSON.stringify(surface, null, 2)}\n`).toMatchFileSnapshot('../golden/commands.json')
})

function describeFlag([name, flag]: [string, Interfaces.FlagInput[string]]): [string, string] {
  const value =
    flag.type === 'boolean'
      ? 'boolean'
      : `${flag.multiple ? 'list' : 'value'}${flag.options ? ` (${flag.options.join('|')})` : ''}`
  return [
    name,
    [
      flag.char ? `-${flag.char}` : '',
      value,
      flag.default === undefined ? '' : `= ${JSON.stringify(flag.default)}`,
      flag.hidden ? 'hidden' : '',
    ]
      .filter(Boolean)
      .join(' '),
  ]
}

test('help has the layout of Docker', () => {
  const [, stop] = loaded.find(([id]) => id === 'stop') as (typeof loaded)[number]
  expect(commandHelp('stop', stop as never, 80)).toBe(`Usage:  tscompose stop [OPTIONS] [SERVICE...]

Stop services

Options:
      --dry-run       Print the plan and change nothing
  -t, --timeout int   Specify a shutdown timeout in seconds
`)
})
