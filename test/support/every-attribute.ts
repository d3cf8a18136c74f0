/** The project of test/golden/model/every-attribute, where every attribute of the schema stands. */
import { loadProject } from '../../src/model/load.ts'
import type { Project } from '../../src/model/project.ts'
import { folderReader } from './folder-reader.ts'

export const everyAttribute = new URL('../golden/model/every-attribute/', import.meta.url)

export function loadEveryAttribute(): Project {
  return loadProject({
    files: [],
    workingDir: '/home/dev',
    profiles: ['*'],
    envFiles: [],
    environment: { HOME: '/home/user' },
    allResources: true,
    reader: folderReader(everyAttribute.pathname.replace(/\/$/, ''), '/home/dev'),
  }).project
}
