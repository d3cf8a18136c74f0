/** Where in the user's files something was said. */
import type { Diagnostic } from '../diagnostic.ts'
import type { Path, Project } from '../model/project.ts'

/** The place of the value, or of the nearest thing around it that was written down. */
export function placeOf(project: Project, path: Path): Pick<Diagnostic, 'at'> {
  for (let length = path.length; length > 0; length -= 1) {
    const at = project.locate(path.slice(0, length))
    if (at !== undefined) return { at }
  }
  return {}
}
