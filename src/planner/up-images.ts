/** Which images have to be fetched or built before containers can be made of them. */

import type { Diagnostic } from '../diagnostic.ts'
import type { Observed, ObservedImage } from '../driver/driver.ts'
import type { Project, Service } from '../model/project.ts'
import { NOT_FOUND } from './because.ts'
import { addBuild, reviewBuild } from './build.ts'
import { type Draft, keyOf, openDraft } from './draft.ts'
import { openFindings } from './findings.ts'
import { imageOf, scaleOf } from './names.ts'
import { replicasOf } from './observed-containers.ts'
import type { PullPolicy, UpOptions } from './options.ts'
import { placeOf } from './place.ts'
import type { Because, Plan } from './plan.ts'
import { type Policy, readPolicy } from './pull-policy.ts'

export type ImageSource =
  | { readonly kind: 'present' }
  | { readonly kind: 'pull'; readonly because: Because }
  | { readonly kind: 'build'; readonly because: Because }
  | { readonly kind: 'missing'; readonly diagnostic: Diagnostic }

export function imageSourceOf(project: Project, serviceName: string, options: UpOptions): ImageSource {
  const service = project.services[serviceName] as Service
  const image = imageOf(project, serviceName, service)
  const there = options.surroundings.images.get(image)
  const policy = policyOf(service, options.pull ?? 'policy')
  const built = buildBecause(service, policy, options, there)
  if (built !== undefined)
    return options.pulled?.includes(image) ? { kind: 'present' } : { kind: 'build', because: built }
  const refresh = options.pulled?.includes(image)
    ? undefined
    : refreshBecause(policy, there, options.surroundings.nowMs)
  if (refresh !== undefined && (service.build === undefined || policy === 'always'))
    return { kind: 'pull', because: refresh }
  if (there !== undefined) return { kind: 'present' }
  if (service.build !== undefined || policy === 'build')
    return missing(project, serviceName, notBuilt(serviceName, image))
  if (policy === 'never') return missing(project, serviceName, notPulled(image))
  return { kind: 'pull', because: NOT_FOUND }
}

/** Why an image is built; undefined where there is nothing to build it from, or nobody who could. */
function buildBecause(
  service: Service,
  policy: Policy,
  { build, surroundings }: UpOptions,
  there: ObservedImage | undefined,
): Because | undefined {
  if (!service.build || build === 'never' || !surroundings.limits.builds) return undefined
  if (build === 'always') return { reason: 'building was asked for' }
  if (policy === 'build') return { reason: 'pull policy is build' }
  return there === undefined && policy !== 'always' ? NOT_FOUND : undefined
}

/** Why an image is fetched although it may be there. */
function refreshBecause(policy: Policy, there: ObservedImage | undefined, nowMs: number): Because | undefined {
  if (policy === 'always') return { reason: 'pull policy is always' }
  if (typeof policy === 'string' || there === undefined) return undefined
  const { checkedAtMs = 0 } = there
  // A clock that was set back does not make an image young for ever.
  const isFresh = checkedAtMs <= nowMs && nowMs - checkedAtMs <= policy.refreshAfterMs
  return isFresh ? undefined : { reason: 'pull policy is to look again by now' }
}

/**
 * Images that are built, and those that are fetched whether they are there or not, of services that have containers: only then can be
 * told whether those are out of date.
 */
export function planPull(project: Project, observed: Observed, options: UpOptions): Plan {
  const draft = openDraft()
  const findings = openFindings()
  for (const [serviceName, service] of Object.entries(project.services)) {
    if (scaleOf(service) === 0) continue
    const source = imageSourceOf(project, serviceName, options)
    if (source.kind === 'build') {
      findings.add(...reviewBuild(project, serviceName, service))
      addBuild(draft, project, serviceName, source)
    }
    if (replicasOf(serviceName, observed.containers).length === 0) continue
    if (source.kind === 'pull' && source.because !== NOT_FOUND) {
      addPull(draft, project, serviceName, source.because)
    }
  }
  findings.settle()
  return draft.finish({ projectName: project.name, unchanged: [], orphans: [], warnings: [] })
}

export function addPull(draft: Draft, project: Project, serviceName: string, because: Because): void {
  const service = project.services[serviceName] as Service
  const image = imageOf(project, serviceName, service)
  const key = keyOf.pull(image)
  if (draft.has(key)) return
  draft.add({ key, after: [], because, action: { kind: 'pull-image', image, ...platformOf(project, service) } })
}

export function addImagePull(draft: Draft, project: Project, service: Service, image: string): void {
  const key = keyOf.pull(image)
  if (draft.has(key)) return
  draft.add({
    key,
    after: [],
    because: NOT_FOUND,
    action: { kind: 'pull-image', image, ...platformOf(project, service) },
  })
}

/** Undefined where it may be fetched. */
export function missingHookImage(
  project: Project,
  serviceName: string,
  { image, asked }: { readonly image: string; readonly asked: PullPolicy | undefined },
): Diagnostic | undefined {
  const policy = policyOf(project.services[serviceName] as Service, asked ?? 'policy')
  if (policy !== 'never') return undefined
  const at = placeOf(project, ['services', serviceName, 'pre_start'])
  return { severity: 'error', ...notPulled(image), ...at }
}

/** The service's own, or the one that DOCKER_DEFAULT_PLATFORM names. */
export function platformOf(project: Project, service: Service): { readonly platform?: string } {
  const platform = service.platform || project.environment.DOCKER_DEFAULT_PLATFORM
  return platform ? { platform } : {}
}

function policyOf(service: Service, asked: PullPolicy): Policy {
  return asked === 'policy' ? readPolicy(service.pull_policy) : asked
}

function missing(
  project: Project,
  serviceName: string,
  said: Pick<Diagnostic, 'code' | 'message' | 'hint'>,
): ImageSource {
  const at = placeOf(project, ['services', serviceName, 'image'])
  return { kind: 'missing', diagnostic: { severity: 'error', ...said, ...at } }
}

function notBuilt(serviceName: string, image: string): Pick<Diagnostic, 'code' | 'message' | 'hint'> {
  return {
    code: 'build-unsupported',
    message: `image "${image}" of service "${serviceName}" has to be built, which is not supported yet`,
    hint: 'build it with another tool and bring it in with "tscompose image load"',
  }
}

function notPulled(image: string): Pick<Diagnostic, 'code' | 'message' | 'hint'> {
  return {
    code: 'image-missing',
    message: `image "${image}" is not here, and the pull policy forbids fetching it`,
    hint: 'pull it first, or use "--pull missing"',
  }
}
