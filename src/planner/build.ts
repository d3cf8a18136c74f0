/** Images that services are built into: what a builder is asked, what it can't be asked, and the plan of `build`. */
import type { Diagnostic } from '../diagnostic.ts'
import { type BuildRequest, LABEL } from '../driver/driver.ts'
import type { Project, Service } from '../model/project.ts'
import { type Draft, keyOf, openDraft } from './draft.ts'
import { imageOf } from './names.ts'
import { placeOf } from './place.ts'
import type { Because, Plan } from './plan.ts'

type Build = NonNullable<Service['build']>

export interface BuildOptions {
  /** Empty is all. */
  readonly services: readonly string[]
  /** In place of the service's own. */
  readonly args?: Readonly<Record<string, string | null>>
  readonly noCache?: boolean
  readonly pull?: boolean
}

/** The images of the services that have something to build, all at once. */
export function planBuild(project: Project, options: BuildOptions): Plan {
  const draft = openDraft()
  for (const [serviceName, service] of Object.entries(project.services)) {
    const isMeant = options.services.length === 0 || options.services.includes(serviceName)
    if (isMeant && service.build) addBuild(draft, project, serviceName, { because: ASKED_FOR, ...options })
  }
  return draft.finish({ projectName: project.name, unchanged: [], orphans: [], warnings: [] })
}

const ASKED_FOR: Because = { reason: 'asked for', isEvident: true }

type Wishes = Omit<BuildOptions, 'services'> & { readonly because: Because }

/** One image that several services are built into is built once. */
export function addBuild(draft: Draft, project: Project, serviceName: string, wishes: Wishes): void {
  const service = project.services[serviceName] as Service
  const request = buildRequest(project, [serviceName, service], wishes)
  // Whoever waits for the image to be fetched waits for this.
  const key = keyOf.pull(request.image)
  if (draft.has(key)) return
  draft.add({ key, after: [], because: wishes.because, serviceName, action: { kind: 'build-image', request } })
}

function buildRequest(
  project: Project,
  [serviceName, service]: readonly [string, Service],
  { args, noCache, pull }: Wishes,
): BuildRequest {
  const build = service.build as Build
  const platform = build.platforms?.[0] ?? (service.platform || project.environment.DOCKER_DEFAULT_PLATFORM)
  const { dockerfile_inline: text, target, network, shm_size: shmSize } = build
  return {
    image: imageOf(project, serviceName, service),
    tags: build.tags ?? [],
    context: build.context ?? project.workingDir,
    dockerfile: build.dockerfile ?? 'Dockerfile',
    ...(text !== undefined && { dockerfileText: text }),
    args: { ...build.args, ...args },
    labels: { ...build.labels, [LABEL.project]: project.name, [LABEL.service]: serviceName },
    ...(target && { target }),
    ...(platform && { platform }),
    ...(network && { network }),
    ...(shmSize !== undefined && { shmSizeBytes: Number(shmSize) }),
    extraHosts: (build.extra_hosts ?? []).map((line) => line.replace('=', ':')),
    cacheFrom: build.cache_from ?? [],
    noCache: noCache || build.no_cache === true,
    pull: pull || build.pull === true,
  }
}

/** What only a client that a builder can call back has, or what its API does not take. */
const BEYOND = [
  ...['secrets', 'ssh', 'additional_contexts', 'entitlements', 'privileged', 'isolation', 'cache_to', 'provenance'],
  ...['sbom', 'no_cache_filter', 'ulimits'],
] as const satisfies readonly (keyof Build)[]

/** Each field that would be passed over in silence. */
export function reviewBuild(project: Project, serviceName: string, service: Service): readonly Diagnostic[] {
  const { build } = service
  if (!build) return []
  const isSet = (key: (typeof BEYOND)[number]): boolean => {
    const value = build[key]
    if (value === undefined || value === false || value === 'false' || value === '') return false
    return typeof value !== 'object' || Object.keys(value).length > 0
  }
  const fields = [...BEYOND.filter(isSet), ...((build.platforms?.length ?? 0) > 1 ? ['platforms'] : [])]
  return fields.map((field) => ({
    severity: 'error' as const,
    code: 'unsupported' as const,
    message: `"${field}" of the build of service "${serviceName}" is not supported by our way to a builder`,
    hint: field === 'platforms' ? 'name one platform' : 'leave it out, or build the image with "docker buildx"',
    ...placeOf(project, ['services', serviceName, 'build', field]),
  }))
}
