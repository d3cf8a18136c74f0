/** `config`: a project as text that Docker Compose could read again. */
import { toGoJson } from './json.ts'
import { changeInPieces } from './long-text.ts'
import { printAny, printProject } from './print.ts'
import type { Project } from './project.ts'
import { emitYaml } from './yaml/emit.ts'

/** What `docker compose config` prints. Dollar signs are doubled, so that reading it again changes nothing. */
export const renderYaml = (project: Project): string => escapeDollars(emitYaml(printProject(project, 'yaml')))

/** What `docker compose config --format json` prints; without a line end, as there. */
export const renderJson = (project: Project): string => escapeDollars(toGoJson(printProject(project, 'json'), '  '))

/** What `docker compose config --no-interpolate` prints of a model, given as plain values. */
export const renderModelYaml = (model: object): string => emitYaml(printAny(model, 'yaml'))

export const renderModelJson = (model: object): string => toGoJson(printAny(model, 'json'), '  ')

const escapeDollars = (text: string): string => changeInPieces(text, (piece) => piece.replaceAll('$', '$$$$'))
