/** What may stand where the cursor is: commands, flags, values of flags, names of services. Pure; the shells' scripts show it. */
import { type FlagRules, readArgv } from '../argv.ts'

export interface KnownFlag {
  readonly type: 'boolean' | 'option'
  readonly char?: string | undefined
  readonly description?: string | undefined
  readonly hidden?: boolean | undefined
  readonly multiple?: boolean | undefined
  readonly options?: readonly string[] | undefined
}

export interface KnownCommand {
  readonly summary?: string | undefined
  readonly usage?: string | readonly string[] | undefined
  readonly hidden?: boolean | undefined
  readonly flags?: Readonly<Record<string, KnownFlag>> | undefined
}

export interface Known {
  /** By id; `image:ls` is the command `image ls`. */
  readonly commands: Readonly<Record<string, KnownCommand>>
  readonly globalFlags: Readonly<Record<string, KnownFlag>>
}

/** What the project has; asked for only where it matters. */
export interface ProjectNames {
  readonly services: () => readonly string[]
  readonly profiles: () => readonly string[]
}

export interface Candidate {
  readonly text: string
  readonly description?: string | undefined
}

/** The shell knows best which files there are. */
export type Answer = readonly Candidate[] | 'files' | 'directories'

/** `words` are those behind the program's name; the last one is being written. */
export function candidatesFor(words: readonly string[], known: Known, names: ProjectNames): Answer {
  const partial = words.at(-1) ?? ''
  const before = words.slice(0, -1)
  const place = findPlace(before, known)
  const fitting = (ones: Answer): Answer =>
    typeof ones === 'string' ? ones : ones.filter(({ text }) => text.startsWith(partial))
  if (place.isOver) return []
  if (place.openFlag !== undefined) return fitting(valuesOf(place.openFlag, names))
  const [name, value] = splitFlag(partial)
  if (value !== undefined) return withPrefix(`--${name}=`, flagValues(place.flags, name, names), partial)
  if (partial.startsWith('-')) return fitting(flagsOf(place.flags))
  const answer = fitting(place.id === undefined ? commandsOf(place.topic, known) : operandsOf(place, known, names))
  return answer.length === 0 && copies(known.commands[place.id ?? '']) ? 'files' : answer
}

interface Place {
  /** Undefined before the command. */
  readonly id: string | undefined
  readonly topic: string | undefined
  readonly flags: Readonly<Record<string, KnownFlag>>
  readonly operands: readonly string[]
  /** The one whose value comes next. */
  readonly openFlag: readonly [string, KnownFlag] | undefined
  /** What follows is not ours: the words of a program that is run. */
  readonly isOver: boolean
}

function findPlace(words: readonly string[], { commands, globalFlags }: Known): Place {
  const first = walk(words, globalFlags)
  const [topic, ...rest] = first.rest
  const outside = { id: undefined, topic, flags: globalFlags, operands: [], openFlag: first.openFlag, isOver: false }
  if (topic === undefined) return outside
  const isCommand = Object.hasOwn(commands, topic)
  const id = isCommand ? topic : rest.length > 0 ? `${topic}:${rest[0]}` : undefined
  if (id === undefined) return outside
  const flags = { ...globalFlags, ...commands[id]?.flags }
  const runs = isForeign(commands[id])
  const inner = walk(isCommand ? rest : rest.slice(1), flags, !runs)
  return { id, topic, flags, operands: inner.rest, openFlag: inner.openFlag, isOver: runs && inner.rest.length > 0 }
}

/** The words that are no flags, and the flag that waits for its value. Without `interspersed`, all from the first on. */
function walk(words: readonly string[], flags: Readonly<Record<string, KnownFlag>>, interspersed = false) {
  const rest: string[] = []
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as string
    const isFlag = word.startsWith('-') && word !== '-' && word !== '--'
    if (!isFlag) {
      if (!interspersed) return { rest: words.slice(at), openFlag: undefined }
      rest.push(word)
      continue
    }
    const open = openFlagOf(word, flags)
    if (open !== undefined && at === words.length - 1) return { rest, openFlag: open }
    if (open !== undefined) at += 1
  }
  return { rest, openFlag: undefined }
}

/** A flag whose value is the next word. */
function openFlagOf(
  word: string,
  flags: Readonly<Record<string, KnownFlag>>,
): readonly [string, KnownFlag] | undefined {
  try {
    readArgv([word], { flags: [flags as FlagRules], interspersed: true })
    return undefined
  } catch {
    const letter = word.at(-1)
    return Object.entries(flags).find(
      ([name, flag]) =>
        flag.type === 'option' && (word === `--${name}` || (!word.startsWith('--') && flag.char === letter)),
    )
  }
}

const usageOf = (command: KnownCommand | undefined): string => String(command?.usage ?? '')

/** Of `exec` and `run` everything behind the service belongs to the program. */
const isForeign = (command: KnownCommand | undefined): boolean => /\bCOMMAND\b/.test(usageOf(command))

/** What is no service's path is one of this machine's. */
const copies = (command: KnownCommand | undefined): boolean => /\bSERVICE:/.test(usageOf(command))

function commandsOf(topic: string | undefined, { commands }: Known): readonly Candidate[] {
  const shown = Object.entries(commands).filter(([, { hidden }]) => !hidden)
  if (topic !== undefined)
    return shown.flatMap(([id, { summary }]) =>
      id.startsWith(`${topic}:`) ? [{ text: id.slice(topic.length + 1), description: summary }] : [],
    )
  const topics = new Set(shown.flatMap(([id]) => (id.includes(':') ? [id.split(':', 1)[0] as string] : [])))
  return [
    ...shown.filter(([id]) => !id.includes(':')).map(([id, { summary }]) => ({ text: id, description: summary })),
    ...[...topics].map((text) => ({ text, description: `commands about ${text}s` })),
    { text: 'help', description: 'Show how a command is used' },
  ]
}

/** By the usage line: what is called SERVICE there is one. */
function operandsOf({ id, operands }: Place, { commands }: Known, names: ProjectNames): Answer {
  const usage = usageOf(commands[id as string])
  if (id === 'completion') return operands.length === 0 ? SHELLS : []
  if (copies(commands[id as string])) return named(names.services(), ':')
  if (/SERVICE=/.test(usage)) return named(unused(names.services(), operands), '=')
  if (/SERVICE\.\.\.|SERVICES/.test(usage)) return named(unused(names.services(), operands))
  if (/\bSERVICE\b/.test(usage)) return operands.length === 0 ? named(names.services()) : []
  return /\bFILE\b/.test(usage) && operands.length === 0 ? 'files' : []
}

const unused = (services: readonly string[], operands: readonly string[]): readonly string[] =>
  services.filter((name) => !operands.some((operand) => operand.split('=', 1)[0] === name))

const named = (names: readonly string[], end = ''): readonly Candidate[] =>
  names.map((name) => ({ text: `${name}${end}` }))

const SHELLS: readonly Candidate[] = ['bash', 'fish', 'powershell', 'zsh'].map((text) => ({ text }))

function flagsOf(flags: Readonly<Record<string, KnownFlag>>): readonly Candidate[] {
  const shown = Object.entries(flags).filter(([, { hidden }]) => !hidden)
  return [
    ...shown.map(([name, { description }]) => ({ text: `--${name}`, description })),
    ...shown.flatMap(([, { char, description }]) => (char ? [{ text: `-${char}`, description }] : [])),
    { text: '--help', description: 'Show how it is used' },
  ]
}

function splitFlag(word: string): readonly [string, string | undefined] {
  const [, name = '', value] = /^--([^=]+)=(.*)$/s.exec(word) ?? []
  return [name, value]
}

function withPrefix(prefix: string, answer: Answer, partial: string): Answer {
  if (typeof answer === 'string') return answer
  return answer.map((one) => ({ ...one, text: `${prefix}${one.text}` })).filter(({ text }) => text.startsWith(partial))
}

function flagValues(flags: Readonly<Record<string, KnownFlag>>, name: string, names: ProjectNames): Answer {
  const flag = flags[name]
  return flag === undefined ? [] : valuesOf([name, flag], names)
}

const FILES = new Set(['file', 'env-file', 'env-from-file', 'output', 'input'])
const SERVICES = new Set(['attach', 'no-attach', 'exit-code-from'])

function valuesOf([name, { type, options }]: readonly [string, KnownFlag], names: ProjectNames): Answer {
  if (type === 'boolean') return [{ text: 'true' }, { text: 'false' }]
  if (options !== undefined) return named(options)
  if (FILES.has(name)) return 'files'
  if (name === 'project-directory') return 'directories'
  if (name === 'profile') return named(names.profiles())
  if (name === 'scale') return named(names.services(), '=')
  return SERVICES.has(name) ? named(names.services()) : []
}
