/** Where the program begins: finds the command in what the user typed, and runs it. It loads no command but that one. */
import { setMaxListeners } from 'node:events'
import { readFileSync } from 'node:fs'
import { asksForJson } from './asks-for-json.ts'
import { COMMANDS, FORMER_NAMES, type RunnableClass } from './commands.ts'
import { globalFlags } from './global-flags.ts'
import { type CommandWords, helpColumns, programHelp } from './help.ts'
import { findInvocation } from './invocation.ts'
import { processOutput } from './output.ts'
import type { Program } from './program.ts'
import { reportFailure } from './report-failure.ts'

/** `root` is the folder of the installed package. */
export async function main(words: readonly string[], root: string): Promise<void> {
  // Node would open a debugger, to whoever is on this machine.
  process.on('SIGUSR1', () => {})
  // Whoever follows many containers listens often to one signal, and Node would take it for a leak.
  setMaxListeners(0)
  try {
    const invocation = findInvocation(words, Object.keys({ ...COMMANDS, ...FORMER_NAMES }))
    if (invocation.kind === 'help') return showProgramHelp(root)
    await runCommand(FORMER_NAMES[invocation.id] ?? invocation.id, invocation.words, { root, words })
  } catch (error) {
    await fail(error as Error, words)
  }
}

async function runCommand(id: string, argv: readonly string[], program: Omit<Program, 'bin'>): Promise<void> {
  const { default: command } = (await (COMMANDS[id] as (typeof COMMANDS)[string])()) as {
    readonly default: RunnableClass
  }
  command.id = id
  await new command([...argv], { ...program, bin: 'tscompose' } satisfies Program)._run()
}

function showProgramHelp(root: string): void {
  const manifest = JSON.parse(readFileSync(`${root}/oclif.manifest.json`, 'utf8')) as {
    readonly commands: Readonly<Record<string, CommandWords>>
  }
  const output = processOutput()
  output.out(programHelp(manifest.commands, globalFlags, helpColumns(output.outIsTerminal)))
}

/** Only what fails before a command is there, or outside of one, ends here. */
async function fail(error: Error, words: readonly string[]): Promise<void> {
  const { tellingFor } = await import('./telling.ts')
  const { text, exitCode } = reportFailure(error, {
    paint: (_, plain) => plain,
    interrupted: false,
    telling: tellingFor({ json: asksForJson(words, process.env), environment: process.env, cwd: process.cwd() }),
    usage: 'Usage:  tscompose [OPTIONS] COMMAND',
    program: 'tscompose',
    debug: Boolean(process.env.TSCOMPOSE_DEBUG),
  })
  process.exitCode = exitCode
  if (text !== '') processOutput().err(text)
}
