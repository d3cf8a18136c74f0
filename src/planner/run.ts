/** `run`: what a service depends on, and then one container of it that is nobody's replica. */
import type { ContainerSpec, Observed } from '../driver/driver.ts'
import type { Project, Service } from '../model/project.ts'
import { CREATED } from './because.ts'
import { toContainerSpec } from './container-spec.ts'
import { dependenciesOfProject } from './dependencies.ts'
import { keyOf } from './draft.ts'
import type { UpOptions } from './options.ts'
import type { Because, Plan } from './plan.ts'
import { preStartsIn } from './pre-start.ts'
import { reviewService } from './review.ts'
import { addReadinessOf, addStart, type Replicas } from './start-steps.ts'
import { planUp, withoutEffect } from './up.ts'
import type { UpContext } from './up-context.ts'
import { addCreate } from './up-make.ts'
import { expectedImage, fetchHookImages, fetchImage, rejectHomeless, toSite } from './up-service.ts'

export interface OneOff {
  readonly serviceName: string
  /** As it is to be this time. */
  readonly service: Service
  readonly containerName: string
  /** Random; its beginning stands in the usual name. */
  readonly slug: string
  /** Whether it answers to the service's names as well. */
  readonly aliases: boolean
  readonly autoRemove: boolean
  /** Of the user, where there is one and the program has one. */
  readonly terminalSize?: ContainerSpec['terminalSize']
  /** False leaves the start to whoever wants to hear it from its first word. */
  readonly start: boolean
}

/** `project` has the service and what it depends on, or the service alone. */
export function planRun(
  project: Project,
  observed: Observed,
  { oneOff, ...options }: UpOptions & { readonly oneOff: OneOff },
): Plan {
  const others = Object.fromEntries(Object.entries(project.services).filter(([name]) => name !== oneOff.serviceName))
  const rest = {
    ...project,
    services: others,
    disabledServices: { ...project.disabledServices, [oneOff.serviceName]: oneOff.service },
  }
  const whole = { ...project, services: { ...project.services, [oneOff.serviceName]: oneOff.service } }
  return planUp(rest, observed, options, {
    serviceName: oneOff.serviceName,
    service: oneOff.service,
    review: (context) => review({ ...context, project: whole }, oneOff),
    addSteps: (context, replicas) => addOneOff({ ...context, project: whole }, oneOff, replicas),
  })
}

function review(context: UpContext, { serviceName, service }: OneOff): void {
  context.findings.add(
    ...reviewService(context.project, serviceName, service),
    ...withoutEffect(context, serviceName, service),
  )
  rejectHomeless(context, serviceName, service)
  fetchImage(context, serviceName)
  fetchHookImages(context, serviceName, service)
}

const BECAUSE: Because = { reason: 'run was asked for' }

function addOneOff(context: UpContext, oneOff: OneOff, replicas: Replicas): void {
  const { serviceName, service, containerName, slug, aliases, autoRemove, terminalSize, start } = oneOff
  const imageId = expectedImage(context, serviceName)?.imageId
  const site = toSite(context, {
    serviceName,
    service,
    containerName,
    slug,
    number: 0,
    hasAliases: aliases,
    ...(imageId !== undefined && { imageId }),
  })
  const needs = dependenciesOfProject(context.project).get(serviceName) ?? []
  const spec = { ...toContainerSpec(site), ...(autoRemove && { autoRemove }), ...(terminalSize && { terminalSize }) }
  const ready = addReadinessOf(context.draft, needs, replicas)
  const after = preStartsIn(context)(serviceName, [{ serviceName, containerName, after: [] }], ready)
  addCreate(context, { service, serviceName, spec, because: BECAUSE, after })
  if (!start) return
  const replica = { serviceName, containerName, after: [keyOf.create(containerName)], start: { because: CREATED } }
  addStart(context.draft, replica, [])
}
