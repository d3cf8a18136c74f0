/** The files of this machine, as the model asks for them. */
import { readFileSync, realpathSync, statSync } from 'node:fs'
import type { FileReader } from '../model/reader.ts'

export const fileReader: FileReader = {
  read: (path) => ifThere(() => readFileSync(path === '-' ? 0 : path)),
  kind: (path) => {
    const found = statSync(path, { throwIfNoEntry: false })
    return found && (found.isDirectory() ? 'directory' : 'file')
  },
  realpath: (path) => ifThere(() => realpathSync(path)) ?? path,
}

const ABSENT = new Set(['ENOENT', 'ENOTDIR'])

function ifThere<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch (error) {
    if (ABSENT.has((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}
