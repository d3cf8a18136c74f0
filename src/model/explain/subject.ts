/** What explanations are made from. */
import type { FileValues } from '../file-values.ts'
import type { Project } from '../project.ts'
import type { MapNode } from '../tree/node.ts'
import type { Sources } from '../tree/used-variable.ts'

export interface Subject {
  readonly project: Project
  /** The nodes that the project was made of. */
  readonly root: MapNode
  /** Where its variables come from. */
  readonly sources: Sources
  /** What the files say that its services name. */
  readonly fileValues: FileValues
}
