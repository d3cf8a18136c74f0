// What the commands say of themselves: the same words as their help.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundled } from '../bundled.mjs'

const SOURCES = `
  export { COMMANDS } from './src/cli/commands.ts'
  export { globalFlags } from './src/cli/global-flags.ts'`

/** Commands by their name, `image ls` with a space, in the order of names; and the flags that all of them take. */
export async function loadWords() {
  const folder = mkdtempSync(join(tmpdir(), 'tscompose-words-'))
  try {
    const { COMMANDS, globalFlags } = await bundled(SOURCES, join(folder, 'words.mjs'))
    const loaded = Object.entries(COMMANDS).map(async ([id, load]) => wordsOf(id, (await load()).default))
    const commands = (await Promise.all(loaded)).filter(({ hidden }) => !hidden)
    return { commands: commands.sort((a, b) => (a.name < b.name ? -1 : 1)), globalFlags: flagsOf(globalFlags) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function wordsOf(id, { summary = '', description, usage, aliases = [], hidden = false, flags = {}, baseFlags }) {
  const name = id.replaceAll(':', ' ')
  const ownFlags = { ...flags, 'dry-run': baseFlags['dry-run'] }
  return {
    name,
    usage: usage ?? `${name} [OPTIONS]`,
    summary,
    text: description ?? summary,
    aliases,
    hidden,
    flags: flagsOf(ownFlags),
  }
}

function flagsOf(flags) {
  return Object.entries(flags)
    .filter(([, { hidden }]) => !hidden)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { char, type, helpValue = 'string', description = '', default: value }]) => ({
      name,
      char,
      value: type === 'option' ? helpValue : undefined,
      text: `${description}${defaultText(value)}`,
    }))
}

function defaultText(value) {
  const isNothing = value === undefined || value === false || value === '' || value === 0 || value?.length === 0
  return isNothing ? '' : ` (default ${typeof value === 'string' ? JSON.stringify(value) : value})`
}
