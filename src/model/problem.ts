/** What is wrong with a project whose values are decoded already: told by paths, which consistency.ts turns into places. */
import type { DiagnosticCode } from '../diagnostic.ts'
import type { Hint } from './findings.ts'
import type { Path, Project, Service } from './project.ts'

export interface ProblemNote {
  readonly message: string
  readonly path: Path
}

/** Paths are below the service where a rule tells it. */
export interface Problem {
  readonly code: DiagnosticCode
  readonly message: string
  readonly hint: Hint
  readonly path: Path
  readonly notes?: readonly ProblemNote[] | undefined
}

export type Rule = (service: Service, name: string, project: Project) => readonly Problem[]
