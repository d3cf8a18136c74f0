/** What the loading of a project asked of the file system, and whether it would be told the same again. */
import type { FileReader } from '../../model/reader.ts'

export interface Inquiry {
  /** Files that were asked for, and whether they were there to be read. */
  readonly files: Readonly<Record<string, boolean>>
  readonly kinds: Readonly<Record<string, 'file' | 'directory' | 'nothing'>>
  readonly realpaths: Readonly<Record<string, string>>
  /** Whether a file may ask for a variable that shells set anew for each command. */
  readonly asksTheShell: boolean
}

/** The same reader, and what it has been asked so far. */
export function noting(reader: FileReader): { readonly reader: FileReader; readonly inquiry: () => Inquiry } {
  const files: Record<string, boolean> = {}
  const kinds: Record<string, Inquiry['kinds'][string]> = {}
  const realpaths: Record<string, string> = {}
  let asksTheShell = false
  return {
    reader: {
      read: (path) => {
        const content = reader.read(path)
        files[path] = content !== undefined
        asksTheShell ||= content !== undefined && OF_THE_SHELL.test(textOf(content))
        return content
      },
      kind: (path) => {
        const kind = reader.kind(path)
        kinds[path] = kind ?? 'nothing'
        return kind
      },
      realpath: (path) => {
        const real = reader.realpath(path)
        realpaths[path] = real
        return real
      },
    },
    inquiry: () => ({ files, kinds, realpaths, asksTheShell }),
  }
}

/** Variables that shells set anew for each command (SHELL_VARIABLES in question.ts), as words. */
const OF_THE_SHELL = /\b(?:_|OLDPWD|SHLVL)\b/

const textOf = (content: string | Uint8Array): string =>
  typeof content === 'string' ? content : Buffer.from(content).toString('latin1')
