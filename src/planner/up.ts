/** `up` and `create`: what has to be done so that the world is as the model says. */

import type { Diagnostic } from '../diagnostic.ts'
import type { Observed, ObservedContainer } from '../driver/driver.ts'
import type { Project, Service } from '../model/project.ts'
import { ORPHANED } from './because.ts'
import { dependenciesOfProject, graphOf } from './dependencies.ts'
import { openDraft } from './draft.ts'
import { openFindings } from './findings.ts'
import { imageOf } from './names.ts'
import { isOfOtherFiles, orphansOf } from './observed-containers.ts'
import type { UpOptions } from './options.ts'
import { orderOf } from './order.ts'
import type { Plan } from './plan.ts'
import { preStartsIn } from './pre-start.ts'
import { addEnd } from './retire.ts'
import { reviewService } from './review.ts'
import { unchangedOf } from './start.ts'
import { addFinalWaits, addStarts, type Replicas } from './start-steps.ts'
import { timeoutOf } from './stop.ts'
import type { UpContext } from './up-context.ts'
import type { Decision } from './up-decide.ts'
import { addNetworkExchanges, addNetworks, addVolumes, reviewNetworks } from './up-resources.ts'
import { decideService } from './up-service.ts'
import { addServiceSteps } from './up-steps.ts'
import { serviceWithoutEffect } from './without-effect.ts'

/** What is to be there besides the services. */
export interface Addition {
  readonly serviceName: string
  readonly service: Service
  /** Says what stands in its way. */
  readonly review: (context: UpContext) => void
  /** Its steps may wait for those of the services. */
  readonly addSteps: (context: UpContext, replicas: Replicas) => void
}

/** Throws a `ComposeError` with every problem found when the model can't be brought about. */
export function planUp(project: Project, observed: Observed, options: UpOptions, addition?: Addition): Plan {
  const context = openContext(project, observed, options, addition)
  const { draft, findings, dependencies } = context
  addVolumes(context)
  reviewNetworks(context)
  for (const serviceName of orderOf(graphOf(dependencies))) {
    const service = project.services[serviceName]
    if (service === undefined) continue
    findings.add(...reviewService(project, serviceName, service), ...withoutEffect(context, serviceName, service))
    context.decisions.set(serviceName, decideService(context, serviceName, service))
  }
  addition?.review(context)
  const warnings = findings.settle()
  const replicas = addServiceSteps(context)
  addNetworkExchanges(context)
  const orphans = orphansOf(project, observed.containers)
  const leaving = options.removeOrphans ? orphans.filter((one) => !isOfOtherFiles(project, one)) : []
  for (const container of leaving) addOrphanEnd(context, container)
  if (options.start !== false) addStarts(draft, dependencies, replicas, preStartsIn(context))
  addition?.addSteps(context, replicas)
  if (options.wait) addFinalWaits(draft, dependencies, replicas)
  return draft.finish({
    projectName: project.name,
    unchanged: unchangedOf(replicas),
    orphans: orphans.filter((one) => !leaving.includes(one)),
    warnings,
  })
}

function openContext(project: Project, observed: Observed, options: UpOptions, addition?: Addition): UpContext {
  const besides = addition && { besides: addition.service }
  const resources = {
    project,
    observed,
    options,
    draft: openDraft(withAddition(project, addition)),
    findings: openFindings(),
    ...besides,
  }
  return {
    ...resources,
    changedNetworks: addNetworks(resources),
    dependencies: dependenciesOfProject(project),
    decisions: new Map<string, readonly Decision[]>(),
  }
}

/** So that what is there besides starts with its own hooks. */
function withAddition(project: Project, addition?: Addition): Project {
  if (addition === undefined) return project
  return { ...project, services: { ...project.services, [addition.serviceName]: addition.service } }
}

export function withoutEffect(
  { project, options }: UpContext,
  serviceName: string,
  service: Service,
): readonly Diagnostic[] {
  const { images, limits } = options.surroundings
  const platform = images.get(imageOf(project, serviceName, service))?.platform
  return serviceWithoutEffect(project, [serviceName, service], { driver: limits, platform })
}

function addOrphanEnd({ draft, options }: UpContext, container: ObservedContainer): void {
  addEnd(draft, container, { because: ORPHANED, anonymousVolumes: false, ...timeoutOf(options) })
}
