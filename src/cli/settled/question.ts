/** Whatever decides about a command's answer besides files: the launcher asks the same (native/launcher/src/question.rs). */
import { sha256 } from '../../digests.ts'
import type { Output } from '../output.ts'

export interface Question {
  /** The folder of the installed package. */
  readonly root: string
  readonly cwd: string
  /** What the outputs are: `t` for a terminal and `f` for another file, standard output first; then standard error's `COLUMNSxLINES`. */
  readonly outputs: string
  /** The command line. */
  readonly words: readonly string[]
  readonly environment: NodeJS.ProcessEnv
}

/** Set anew by shells for each command, or in each directory: they say nothing about a project that does not name them. */
const SHELL_VARIABLES: ReadonlySet<string> = new Set(['_', 'OLDPWD', 'SHLVL'])

/** One question has one, and no two have the same. A digest, as variables hold secrets. */
export function digestOf({ root, cwd, outputs, words, environment }: Question): string {
  const names = Object.keys(environment).filter((name) => !SHELL_VARIABLES.has(name))
  const settings = names.map((name) => Buffer.from(`${name}=${environment[name]}`)).sort(Buffer.compare)
  const parts = [...[root, cwd, outputs, String(words.length), ...words].map((part) => Buffer.from(part)), ...settings]
  return sha256(Buffer.concat(parts.flatMap((part) => [part, NUL])))
}

const NUL = Buffer.from([0])

/** `Question.outputs` of this process. */
export function outputsOf({ outIsTerminal, errIsTerminal }: Output): string {
  const kinds = [outIsTerminal, errIsTerminal].map((isTerminal) => (isTerminal ? 't' : 'f')).join('')
  if (!errIsTerminal) return kinds
  const { columns = 0, rows = 0 } = process.stderr
  return `${kinds} ${columns}x${rows}`
}
