/** Runs a command as the launcher does, on a driver of the test's choice, and keeps what it says. */
import type { BaseCommand } from '../../src/base-command.ts'
import type { Output } from '../../src/cli/output.ts'
import type { Driver } from '../../src/driver/driver.ts'

export interface Said {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

export interface Running {
  readonly ended: Promise<Said>
  /** What it said so far. */
  readonly said: () => Said
}

type CommandClass = new (argv: string[], config: never) => BaseCommand

export function runCommand(Command: CommandClass, words: readonly string[], driver: Driver): Promise<Said> {
  return startCommand(Command, words, driver).ended
}

/** The same at a terminal, which obeys escape sequences. */
export function runAtTerminal(Command: CommandClass, words: readonly string[], driver: Driver): Promise<Said> {
  return run(Command, words, { driver, ...collector({ outIsTerminal: true }) }).ended
}

export function startCommand(Command: CommandClass, words: readonly string[], driver: Driver): Running {
  return run(Command, words, { driver, ...collector({ outIsTerminal: false }) })
}

function run(
  Command: CommandClass,
  words: readonly string[],
  { driver, output, said }: Place & Pick<Running, 'said'>,
): Running {
  const command = commandOn(Command, words, { driver, output })
  const toEnd = async (): Promise<Said> => {
    const before = process.exitCode
    process.exitCode = 0
    await command._run()
    const exitCode = Number(process.exitCode)
    process.exitCode = before
    return { ...said(), exitCode }
  }
  return { ended: toEnd(), said }
}

/** `_run` is what oclif calls. */
interface Runnable {
  _run(): Promise<unknown>
}

interface Place {
  readonly driver: Driver
  readonly output: Output
}

function commandOn(Command: CommandClass, words: readonly string[], { driver, output }: Place): Runnable {
  Object.assign(Command, { id: Command.name.toLowerCase() })
  const command = new Command([...words], { bin: 'tscompose', scopedEnvVarKeys: () => [] } as never)
  Object.defineProperties(command, { output: { value: output }, driver: { value: driver } })
  return command as unknown as Runnable
}

function collector({ outIsTerminal }: Pick<Output, 'outIsTerminal'>): {
  readonly output: Output
  readonly said: () => Said
} {
  const kept = { stdout: '', stderr: '' }
  const output: Output = {
    out: (text) => {
      kept.stdout += typeof text === 'string' ? text : Buffer.from(text).toString()
    },
    err: (text) => {
      kept.stderr += typeof text === 'string' ? text : Buffer.from(text).toString()
    },
    outIsTerminal,
    errIsTerminal: false,
  }
  return { output, said: () => ({ exitCode: 0, ...kept }) }
}
