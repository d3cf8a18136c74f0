/** What planning one `up` looks at. Only the draft, the findings and the decisions grow on the way. */
import type { Observed } from '../driver/driver.ts'
import type { Project, Service } from '../model/project.ts'
import type { Dependencies } from './dependencies.ts'
import type { Draft } from './draft.ts'
import type { Findings } from './findings.ts'
import type { UpOptions } from './options.ts'
import type { Decision } from './up-decide.ts'

export interface ResourceContext {
  readonly project: Project
  readonly observed: Observed
  readonly options: UpOptions
  readonly draft: Draft
  readonly findings: Findings
  /** Is not brought up, but wants its networks and volumes. */
  readonly besides?: Service
}

export interface UpContext extends ResourceContext {
  readonly dependencies: Dependencies
  /** Name -> key of networks that exist and have to be made anew. */
  readonly changedNetworks: ReadonlyMap<string, string>
  /** By service, in the order of dependencies. */
  readonly decisions: Map<string, readonly Decision[]>
}
