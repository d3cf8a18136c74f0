// Every public command and flag of Docker Compose is there, by its name, its letter and its kind: held against the table of its
// reference where that is at hand.
import { existsSync, readFileSync } from 'node:fs'
import type { Command, Interfaces } from '@oclif/core'
import { describe, expect, test } from 'vitest'
import { COMMANDS, FORMER_NAMES } from '../../src/cli/commands.ts'
import { globalFlags } from '../../src/cli/global-flags.ts'

const REFERENCE = process.env.COMPOSE_CLI_REFERENCE ?? '../shared/reference/compose-cli.md'
const reference = existsSync(REFERENCE) ? REFERENCE : undefined

/** They come with an issue of their own. */
const LATER = /^(bridge|alpha)\b/

interface Row {
  readonly flag: string
  readonly letter: string
  readonly isBoolean: boolean
}

/** The rows of each command, those that are hidden left out. */
function readTables(text: string): ReadonlyMap<string, readonly Row[]> {
  const sections = text.split(/^### /m).slice(1)
  return new Map(sections.map((section) => [/`docker compose (.+?)`/.exec(section)?.[1] ?? '', rowsOf(section)]))
}

function rowsOf(section: string): readonly Row[] {
  return section.split('\n').flatMap((line) => {
    const [, flag, short, type, , meaning] = line.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('`', ''))
    if (!/^--[a-z]/.test(flag ?? '') || meaning?.includes('**hidden**')) return []
    return [{ flag: (flag ?? '').slice(2), letter: short?.slice(1) ?? '', isBoolean: type === 'bool' }]
  })
}

async function flagsOf(name: string): Promise<Interfaces.FlagInput | undefined> {
  const load = COMMANDS[FORMER_NAMES[name] ?? name]
  return load && (((await load()).default as typeof Command).flags ?? {})
}

const find = (flags: Interfaces.FlagInput, name: string) =>
  flags[name] ?? Object.values(flags).find((flag) => flag.aliases?.includes(name))

function whatIsWrong(flags: Interfaces.FlagInput, { flag, letter, isBoolean }: Row): string | undefined {
  const ours = find(flags, flag)
  if (ours === undefined) return `--${flag} is missing`
  if ((ours.char ?? '') !== letter) return `--${flag} has the letter "${ours.char ?? ''}" and not "${letter}"`
  if ((ours.type === 'boolean') !== isBoolean) return `--${flag} ${isBoolean ? 'takes no' : 'takes a'} value`
  return undefined
}

describe.runIf(reference)('the reference of Docker Compose', () => {
  const tables = readTables(reference === undefined ? '' : readFileSync(reference, 'utf8'))
  const isKnown = (name: string): boolean => name in COMMANDS || name in FORMER_NAMES
  const commands = [...tables.keys()].filter((name) => name !== '(global options)' && !LATER.test(name))

  test('has been read: there are as many commands and flags as it has', () => {
    expect(commands.length).toBeGreaterThanOrEqual(35)
    expect([...tables.values()].flat().length).toBeGreaterThanOrEqual(200)
  })

  test('names no command that is missing', () => {
    expect(commands.filter((name) => !isKnown(name))).toEqual([])
  })

  test('names no global flag that is missing', () => {
    const rows = tables.get('(global options)') ?? []
    expect(rows.map((row) => whatIsWrong(globalFlags, row)).filter(Boolean)).toEqual([])
  })

  test.each(commands)('%s has every flag', async (name) => {
    const flags = await flagsOf(name)
    expect((tables.get(name) ?? []).map((row) => whatIsWrong(flags ?? {}, row)).filter(Boolean)).toEqual([])
  })
})

if (!reference) test.skip(`skipped: the reference is not at ${REFERENCE}`)
