/** Help in Docker's layout, made from the commands' own flags and words. It decides no wording. */

/** The part of an oclif command class, or of its entry in the manifest, that help shows. */
export interface CommandWords {
  readonly summary?: string | undefined
  readonly description?: string | undefined
  readonly usage?: string | readonly string[] | undefined
  readonly aliases?: readonly string[] | undefined
  readonly hidden?: boolean | undefined
  readonly flags?: FlagWordsRecord | undefined
  readonly baseFlags?: FlagWordsRecord | undefined
}

export interface FlagWords {
  readonly type: 'boolean' | 'option'
  readonly char?: string | undefined
  readonly description?: string | undefined
  readonly hidden?: boolean | undefined
  readonly helpValue?: string | readonly string[] | undefined
  readonly default?: unknown
}

type FlagWordsRecord = Readonly<Record<string, FlagWords>>

const PROGRAM = 'tscompose'

export function usageLine(id: string, words: CommandWords): string {
  return `Usage:  ${PROGRAM} ${words.usage ?? `${id.replaceAll(':', ' ')} [OPTIONS]`}`
}

/** Global flags are listed once, by the help of the program; `--dry-run` belongs to every command as in Docker Compose. */
export function commandHelp(id: string, words: CommandWords, columns: number): string {
  const dryRun = words.baseFlags?.['dry-run']
  const flags = { ...words.flags, ...(dryRun && { 'dry-run': dryRun }) }
  const aliases = words.aliases?.length
    ? `\n\nAliases:\n  ${[id, ...words.aliases].map((one) => `${PROGRAM} ${one}`).join(', ')}`
    : ''
  return `${usageLine(id, words)}\n\n${words.description ?? words.summary ?? ''}${aliases}\n\nOptions:\n${flagLines(flags, columns)}`
}

export function programHelp(
  commands: Readonly<Record<string, CommandWords>>,
  globalFlags: FlagWordsRecord,
  columns: number,
): string {
  const shown = Object.entries(commands).filter(([, words]) => !words.hidden)
  const rows = shown
    .map(([id, words]) => [id.replaceAll(':', ' '), words.summary ?? ''] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return (
    `Usage:  ${PROGRAM} [OPTIONS] COMMAND\n\nDefine and run multi-container applications with no daemon\n\n` +
    `Options:\n${flagLines(globalFlags, columns)}\n` +
    section(
      'Commands',
      rows.filter(([name]) => !name.includes(' ')),
    ) +
    section(
      'Management Commands',
      rows.filter(([name]) => name.includes(' ')),
    ) +
    `Run '${PROGRAM} COMMAND --help' for more information on a command.\n`
  )
}

function section(title: string, rows: readonly (readonly [string, string])[]): string {
  if (rows.length === 0) return ''
  const width = Math.max(...rows.map(([name]) => name.length))
  return `${title}:\n${rows.map(([name, summary]) => `  ${name.padEnd(width)}  ${summary}\n`).join('')}\n`
}

function flagLines(flags: FlagWordsRecord, columns: number): string {
  const rows = Object.entries(flags)
    .filter(([, flag]) => !flag.hidden)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([name, flag]) =>
        [`${flag.char ? `  -${flag.char}, ` : '      '}--${name}${valueName(flag)}`, description(flag)] as const,
    )
  const width = Math.max(...rows.map(([left]) => left.length)) + 3
  return rows
    .map(([left, right]) => `${left.padEnd(width)}${wrap(right, columns - width).join(`\n${' '.repeat(width)}`)}\n`)
    .join('')
}

function valueName(flag: FlagWords): string {
  return flag.type === 'option' ? ` ${flag.helpValue ?? 'string'}` : ''
}

function description(flag: FlagWords): string {
  const { default: value, description = '' } = flag
  if (
    value === undefined ||
    value === false ||
    value === '' ||
    value === 0 ||
    (Array.isArray(value) && value.length === 0)
  )
    return description
  return `${description} (default ${typeof value === 'string' ? JSON.stringify(value) : value})`
}

/** Breaks at spaces; a column too narrow for that is not broken at all. */
function wrap(text: string, columns: number): readonly string[] {
  if (columns < 24) return [text]
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > columns) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}

/** Help is broken to the terminal's width, and to 80 columns where there is none. */
export function helpColumns(isTerminal: boolean): number {
  return (isTerminal && process.stdout.columns) || 80
}
