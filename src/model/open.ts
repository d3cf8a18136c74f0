/** Opening a file: bytes to text, and the mistakes that can be made about it. */
import { isAbsolute, relative } from 'node:path'
import { decodeText } from './decode-text.ts'
import { type Finding, fail } from './findings.ts'
import { LONGEST_FILE } from './limits.ts'
import type { FileReader } from './reader.ts'
import type { Source } from './tree/source.ts'

export interface Opening {
  readonly reader: FileReader
  /** Messages name files relative to it. */
  readonly cwd: string
  /** Where the path was written, if the user wrote it in a file. Only asked for when something is wrong. */
  readonly at?: (() => Finding['at']) | undefined
}

/** The file's text; undefined when there is no such file. */
export function openSource(path: string, opening: Opening): Source | undefined {
  const name = displayName(path, opening.cwd)
  const content = readContent(path, name, opening)
  if (content === undefined) return undefined
  return { name, path, text: typeof content === 'string' ? content : decodeText(content, { name, path }) }
}

function readContent(path: string, name: string, { reader, at }: Opening): string | Uint8Array | undefined {
  try {
    if (path !== '-' && reader.kind(path) === 'directory') {
      return fail({ code: 'not-a-file', message: `"${name}" is a directory`, hint: 'name a file', at: at?.() })
    }
    const content = reader.read(path)
    return content !== undefined && content.length > LONGEST_FILE ? tooBig(name, at?.()) : content
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause)) throw cause
    if (cause.code === 'ERR_FS_FILE_TOO_LARGE') return tooBig(name, at?.())
    const [reason, hint] = REASONS.get(cause.code) ?? [String(cause.code), 'check who may read it']
    return fail({ code: 'unreadable-file', message: `"${name}" can't be read (${reason})`, hint, at: at?.() })
  }
}

function tooBig(name: string, at: Finding['at']): never {
  return fail({
    code: 'file-too-big',
    message: `"${name}" is larger than ${LONGEST_FILE / 2 ** 20} MB`,
    hint: 'check that it is the file you mean, or divide it',
    at,
  })
}

const NAME_IT = 'name the file itself'

/** What the codes of the system and of Node mean, and what can be done. */
const REASONS: ReadonlyMap<unknown, readonly [reason: string, hint: string]> = new Map([
  ['ELOOP', ['its symbolic links lead in a circle', NAME_IT]],
  ['ENAMETOOLONG', ['the path is too long', NAME_IT]],
  ['ERR_INVALID_ARG_VALUE', ['no path has a NUL in it', NAME_IT]],
  ['ENXIO', ['it is a socket', NAME_IT]],
  ['NO_WRITER', ['it is a pipe, and nobody writes to it', 'start what writes to it first']],
])

/** A path as messages name it: short where it lies below the working directory. */
export function displayName(path: string, cwd: string): string {
  if (!isAbsolute(path)) return path
  const short = relative(cwd, path)
  return short === '' || short.startsWith('..') ? path : short
}
