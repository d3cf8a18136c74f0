/** Which images have to be fetched before containers can be made of them. */

import type { Diagnostic } from '../diagnostic.ts'
import type { Observed } from '../driver/driver.ts'
import type { Project, Service } from '../model/project.ts'
import { NOT_FOUND } from './because.ts'
import { type Draft, keyOf, openDraft } from './draft.ts'
import { imageOf, scaleOf } from './names.ts'
import { replicasOf } from './observed-containers.ts'
import type { PullPolicy, UpOptions } from './options.ts'
import { placeOf } from './place.ts'
import type { Because, Plan } from './plan.ts'

export type ImageSource =
  | { readonly kind: 'present' }
  | { readonly kind: 'pull'; readonly because: Because }
  | { readonly kind: 'missing'; readonly diagnostic: Diagnostic }

export function imageSourceOf(project: Project, serviceName: string, options: UpOptions): ImageSource {
  const service = project.services[serviceName] as Service
  const image = imageOf(project, serviceName, service)
  const isPresent = options.surroundings.images.get(image) !== undefined
  const policy = policyOf(service, options.pull ?? 'policy')
  if (policy === 'always' && !options.pulled?.includes(image)) {
    return { kind: 'pull', because: { reason: 'pull policy is always' } }
  }
  if (isPresent) return { kind: 'present' }
  if (service.build !== undefined || policy === 'build')
    return missing(project, serviceName, notBuilt(serviceName, image))
  if (policy === 'never') return missing(project, serviceName, notPulled(image))
  return { kind: 'pull', because: NOT_FOUND }
}

/** Images that are fetched whether they are there or not, of services that have containers: only then can be told whether those are out of date. */
export function planPull(project: Project, observed: Observed, options: UpOptions): Plan {
  const draft = openDraft()
  for (const [serviceName, service] of Object.entries(project.services)) {
    if (replicasOf(serviceName, observed.containers).length === 0 || scaleOf(service) === 0) continue
    const source = imageSourceOf(project, serviceName, options)
    if (source.kind === 'pull' && source.because !== NOT_FOUND) {
      addPull(draft, imageOf(project, serviceName, service), source.because)
    }
  }
  return draft.finish({ projectName: project.name, unchanged: [], orphans: [], warnings: [] })
}

export function addPull(draft: Draft, image: string, because: Because): void {
  const key = keyOf.pull(image)
  if (!draft.has(key)) draft.add({ key, after: [], because, action: { kind: 'pull-image', image } })
}

/** `daily`, `weekly` and `every_…` need to know when an image was fetched last; until then what is there is good enough. */
function policyOf(service: Service, asked: PullPolicy): 'always' | 'missing' | 'never' | 'build' {
  if (asked !== 'policy') return asked
  const written = service.pull_policy
  return written === 'always' || written === 'never' || written === 'build' ? written : 'missing'
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
