/** Files that stand in memory only, as if they lay in a folder. */
import type { FileReader } from '../../src/model/reader.ts'

export function textReader(folder: string, files: Readonly<Record<string, string>>): FileReader {
  const byPath = new Map(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]))
  const isDirectory = (path: string): boolean =>
    [...byPath.keys(), `${folder}/`].some((file) => file.startsWith(`${path}/`))
  return {
    read: (path) => byPath.get(path),
    kind: (path) => (byPath.has(path) ? 'file' : isDirectory(path) ? 'directory' : undefined),
    realpath: (path) => path,
  }
}
