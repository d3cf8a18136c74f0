/** Opening a file: bytes to text, and the mistakes that can be made about it. */
import { isAbsolute, relative } from 'node:path'
import { type Finding, fail } from './findings.ts'
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
  return { name, path, text: typeof content === 'string' ? content : decode(content, name, opening) }
}

function readContent(path: string, name: string, { reader, at }: Opening): string | Uint8Array | undefined {
  try {
    if (path !== '-' && reader.kind(path) === 'directory') {
      return fail({ code: 'not-a-file', message: `"${name}" is a directory`, hint: 'name a file', at: at?.() })
    }
    return reader.read(path)
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause)
      return fail({
        code: 'unreadable-file',
        message: `"${name}" can't be read (${String(cause.code)})`,
        hint: 'check who may read it',
        at: at?.(),
      })
    throw cause
  }
}

function decode(content: Uint8Array, name: string, { at }: Opening): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content)
  } catch {
    const valid = new TextDecoder('utf-8').decode(content)
    const line = valid.slice(0, valid.indexOf('\uFFFD')).split('\n').length
    return fail({
      code: 'invalid-utf8',
      message: `"${name}" is not UTF-8 text (line ${line})`,
      hint: 'save it as UTF-8',
      at: at?.(),
    })
  }
}

/** A path as messages name it: short where it lies below the working directory. */
export function displayName(path: string, cwd: string): string {
  if (!isAbsolute(path)) return path
  const short = relative(cwd, path)
  return short === '' || short.startsWith('..') ? path : short
}
