/** The projects of test/golden/model: each folder is one, seen by the model as /home/dev/NAME; options.json holds the options of loading. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { LoadOptions } from '../../src/model/settings.ts'
import { folderReader } from './folder-reader.ts'

export const goldenRoot = new URL('../golden/model/', import.meta.url)

export const goldenNames = (): readonly string[] => readdirSync(goldenRoot)

export function goldenOptions(name: string): LoadOptions {
  const folder = new URL(`${name}/`, goldenRoot)
  const written = new URL('options.json', folder)
  const seenAs = `/home/dev/${name}`
  return {
    files: [],
    profiles: [],
    envFiles: [],
    environment: { HOME: '/home/user' },
    ...(existsSync(written) ? JSON.parse(readFileSync(written, 'utf8')) : {}),
    workingDir: seenAs,
    reader: folderReader(fileURLToPath(folder).replace(/\/$/, ''), seenAs),
  }
}
