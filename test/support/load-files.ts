/** Files by path, as the model reads them: what is not in there does not exist. */
import type { FileReader } from '../../src/model/reader.ts'
import type { LoadOptions } from '../../src/model/settings.ts'

/** Options of loading over the given files, from the directory /home/dev. */
export function optionsOver(files: Readonly<Record<string, string>>, options: Partial<LoadOptions> = {}): LoadOptions {
  return {
    files: [],
    workingDir: '/home/dev',
    profiles: [],
    envFiles: [],
    environment: {},
    reader: readerOf(files),
    ...options,
  }
}

function readerOf(files: Readonly<Record<string, string>>): FileReader {
  const content = new Map(Object.entries(files).map(([name, text]) => [`/home/dev/${name}`, text]))
  return {
    read: (path) => content.get(path),
    kind: (path) => {
      if (content.has(path)) return 'file'
      return [...content.keys()].some((known) => known.startsWith(`${path}/`)) ? 'directory' : undefined
    },
    realpath: (path) => path,
  }
}
