/** A folder of test files, seen by the model under another path, so that what it prints is the same on every machine. */
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { FileReader } from '../../src/model/reader.ts'

export function folderReader(folder: string, seenAs: string): FileReader {
  const real = (path: string): string | undefined =>
    path === seenAs || path.startsWith(`${seenAs}/`) ? join(folder, path.slice(seenAs.length)) : undefined
  return {
    read: (path) => {
      const file = real(path)
      return file !== undefined && existsSync(file) ? readFileSync(file) : undefined
    },
    kind: (path) => {
      const found = statSync(real(path) ?? '/nowhere', { throwIfNoEntry: false })
      return found && (found.isDirectory() ? 'directory' : 'file')
    },
    realpath: (path) => {
      const file = real(path)
      return file !== undefined && existsSync(file) ? realpathSync(file).replace(realpathSync(folder), seenAs) : path
    },
  }
}
