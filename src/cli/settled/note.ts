/**
 * A note about an `up -d` that found nothing to do. Where the same is asked again and all stands as it stood, the answer is the same
 * (ADR 19). Holds what was looked at, never what it said.
 */
import { sha256 } from '../../digests.ts'
import type { Standing } from '../../driver/native/settled.ts'
import type { ProgressEvent } from '../../planner/progress.ts'
import { type Inquiry, SHELL_VARIABLES } from './inquiry.ts'

/** Whatever decides about the project besides files. */
export interface Question {
  /** The command line. */
  readonly words: readonly string[]
  readonly cwd: string
  readonly environment: NodeJS.ProcessEnv
}

export interface Note {
  readonly version: 1
  readonly words: readonly string[]
  readonly cwd: string
  /** Of the variables, as they hold secrets. */
  readonly environmentDigest: string
  readonly inquiry: Pick<Inquiry, 'kinds' | 'realpaths'>
  readonly projectName: string
  readonly standing: Standing
  /** `--ansi` and `--progress`, or the variables in their place. */
  readonly look: Look
  /** What was said. */
  readonly events: readonly ProgressEvent[]
}

export interface Look {
  readonly ansi?: string | undefined
  readonly progress?: string | undefined
}

/** One note for each command line in each directory. Names a file (FNV-1a, 32 bits); what is in it tells whose it is. */
export function keyOf({ words, cwd }: Question): string {
  const text = JSON.stringify([words, cwd])
  let hash = FNV_BASIS
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), FNV_PRIME)
  return (hash >>> 0).toString(16)
}

const FNV_BASIS = 0x811c9dc5
const FNV_PRIME = 0x01000193

export function digestOf(environment: NodeJS.ProcessEnv): string {
  const names = Object.keys(environment).filter((name) => !SHELL_VARIABLES.has(name))
  return sha256(JSON.stringify(names.sort().map((name) => [name, environment[name]])))
}

/** Undefined for what is not a note on this question. */
export function readNote(text: string, { words, cwd, environment }: Question): Note | undefined {
  const note = JSON.parse(text) as Note
  const isSame =
    note.version === 1 &&
    note.cwd === cwd &&
    JSON.stringify(note.words) === JSON.stringify(words) &&
    note.environmentDigest === digestOf(environment)
  return isSame ? note : undefined
}
