/** Loads a project from text, as if it stood in /home/dev/compose.yaml. */
import { loadProject } from '../../src/model/load.ts'
import type { Project } from '../../src/model/project.ts'

export function loadText(text: string): Project {
  const path = '/home/dev/compose.yaml'
  return loadProject({
    files: [path],
    workingDir: '/home/dev',
    projectName: 'app',
    profiles: [],
    envFiles: [],
    environment: {},
    reader: {
      read: (asked) => (asked === path ? text : undefined),
      kind: (asked) => (asked === path ? 'file' : asked === '/home/dev' ? 'directory' : undefined),
      realpath: (asked) => asked,
    },
  }).project
}
