/** Loads projects from texts, as if they stood in /home/dev. */
import { join } from 'node:path'
import { type LoadedProject, loadProject } from '../../src/model/load.ts'
import type { Project } from '../../src/model/project.ts'
import type { FileReader } from '../../src/model/reader.ts'
import type { LoadOptions } from '../../src/model/settings.ts'

const HOME = '/home/dev'

/** The project of one file. */
export const loadText = (text: string): Project => loadFiles({ 'compose.yaml': text }).project

/** The project of files that are found as the program finds them, and named as they are below the directory. */
export function loadFiles(texts: Readonly<Record<string, string>>, options: Partial<LoadOptions> = {}): LoadedProject {
  return loadProject({
    files: [],
    workingDir: HOME,
    projectName: 'app',
    profiles: [],
    envFiles: [],
    environment: {},
    reader: textReader(texts),
    ...options,
  })
}

function textReader(texts: Readonly<Record<string, string>>): FileReader {
  const files = new Map(Object.entries(texts).map(([name, text]) => [join(HOME, name), text]))
  const isDirectory = (path: string): boolean =>
    path === HOME || [...files.keys()].some((file) => file.startsWith(`${path}/`))
  return {
    read: (path) => files.get(path),
    kind: (path) => (files.has(path) ? 'file' : isDirectory(path) ? 'directory' : undefined),
    realpath: (path) => path,
  }
}
