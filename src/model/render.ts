/** `config`: a project as text that Docker Compose could read again. */
import { toGoJson } from './json.ts'
import { printAny, printProject } from './print.ts'
import type { Project } from './project.ts'
import type { MapNode } from './tree/node.ts'
import { toPlain } from './tree/plain.ts'
import { emitYaml } from './yaml/emit.ts'

/** What `docker compose config` prints. Dollar signs are doubled, so that reading it again changes nothing. */
export const renderYaml = (project: Project): string => escapeDollars(emitYaml(printProject(project, 'yaml')))

/** What `docker compose config --format json` prints; without a line end, as there. */
export const renderJson = (project: Project): string => escapeDollars(toGoJson(printProject(project, 'json'), '  '))

/** What `docker compose config --no-interpolate` prints of a model. */
export const renderModelYaml = (root: MapNode): string => emitYaml(printAny(toPlain(root), 'yaml'))

export const renderModelJson = (root: MapNode): string => toGoJson(printAny(toPlain(root), 'json'), '  ')

const escapeDollars = (text: string): string => text.replaceAll('$', '$$$$')
