/** The phase that looks at a project as a whole: what services refer to exists, and what they say twice agrees. */
import { findCycle } from './cycle.ts'
import type { Finding, Findings } from './findings.ts'
import { didYouMean } from './nearest.ts'
import type { Path, Project, Service } from './project.ts'
import { parseBytes } from './units.ts'

/** A problem of one service; `path` is below the service. */
interface Problem extends Omit<Finding, 'at'> {
  readonly path: Path
}

type Rule = (service: Service, name: string, project: Project) => readonly Problem[]

export function checkConsistency(project: Project, findings: Findings): void {
  for (const [name, service] of Object.entries(project.services)) {
    for (const rule of RULES)
      for (const problem of rule(service, name, project))
        add(findings, project, { ...problem, path: ['services', name, ...problem.path] })
  }
  const cycle = findCycle(project)
  if (cycle) add(findings, project, cycle)
}

/** Two containers can't have one name. */
export function checkContainerNames(project: Project, findings: Findings): void {
  const owners = new Map<string, string>()
  for (const [name, { container_name: containerName }] of Object.entries(project.services)) {
    if (!containerName) continue
    const owner = owners.get(containerName)
    if (owner !== undefined) {
      add(findings, project, {
        code: 'container-name-taken',
        message: `container name "${containerName}" of service "${name}" is already that of service "${owner}"`,
        hint: 'remove one of the two: Compose chooses names that differ',
        path: ['services', name, 'container_name'],
      })
    }
    owners.set(containerName, name)
  }
}

function add(findings: Findings, { locate }: Project, { code, message, hint, path }: Problem): void {
  const at = locatePath(locate, path)
  findings.errors.push({
    severity: 'error',
    code,
    message,
    ...(hint === undefined ? {} : { hint }),
    ...(at ? { at } : {}),
  })
}

/** The place of the path, or of the nearest thing around it. */
function locatePath(locate: Project['locate'], path: Path): ReturnType<Project['locate']> {
  for (let length = path.length; length > 0; length--) {
    const at = locate(path.slice(0, length))
    if (at) return at
  }
  return undefined
}

const isService = (project: Project, name: string): boolean => Object.hasOwn(project.services, name)
const isKnown = (project: Project, name: string): boolean =>
  isService(project, name) || Object.hasOwn(project.disabledServices, name)

const needsImage: Rule = (service, name) =>
  service.image || service.build || service.provider
    ? []
    : [
        {
          code: 'no-image',
          message: `service "${name}" has neither an image nor a build context`,
          hint: 'add "image:" or "build:"',
          path: [],
        },
      ]

const buildIsSound: Rule = ({ build, platform }, name, project) => {
  if (!build) return []
  const problems: Problem[] = []
  if (build.dockerfile_inline && build.dockerfile) {
    problems.push({
      code: 'build-conflict',
      message: `service "${name}" has both "dockerfile" and "dockerfile_inline"`,
      hint: 'keep one of them',
      path: ['build', 'dockerfile_inline'],
    })
  }
  if (platform && build.platforms && build.platforms.length > 0 && !build.platforms.includes(platform)) {
    problems.push({
      code: 'build-platform',
      message: `the build platforms of service "${name}" lack its platform "${platform}"`,
      hint: `add "${platform}" to build.platforms`,
      path: ['build', 'platforms'],
    })
  }
  return [...problems, ...checkContexts(name, build.additional_contexts ?? {}, project)]
}

function checkContexts(name: string, contexts: Readonly<Record<string, string>>, project: Project): readonly Problem[] {
  return Object.entries(contexts).flatMap(([context, source]) => {
    if (!source.startsWith('service:')) return []
    const target = source.slice('service:'.length)
    const path = ['build', 'additional_contexts', context]
    if (!isService(project, target)) {
      return [
        {
          code: 'context-undefined',
          message: `service "${name}" builds from undefined service "${target}"`,
          hint: suggest(target, project.services),
          path,
        },
      ]
    }
    if (project.services[target]?.build) return []
    return [
      {
        code: 'context-not-built',
        message: `service "${name}" builds from service "${target}", which is not built`,
        path,
      },
    ]
  })
}

const suggest = (name: string, among: object): string | undefined => {
  const names = Object.keys(among)
  return (
    didYouMean(name, names) ?? (names.length > 0 && names.length <= 8 ? `there are: ${names.join(', ')}` : undefined)
  )
}

const networksExist: Rule = (service, name, project) => {
  const networks = Object.keys(service.networks ?? {})
  const both = service.network_mode && networks.length > 0
  const conflict: readonly Problem[] = both
    ? [
        {
          code: 'network-conflict',
          message: `service "${name}" has both "network_mode" and "networks"`,
          hint: 'keep one of them',
          path: ['network_mode'],
        },
      ]
    : []
  const unknown = networks.filter((network) => !Object.hasOwn(project.networks, network))
  return [
    ...conflict,
    ...unknown.map((network) =>
      undefinedName('network', network, { name, among: project.networks, path: ['networks', network] }),
    ),
  ]
}

interface Reference {
  readonly name: string
  readonly among: object
  readonly path: Path
}

const undefinedName = (kind: string, missing: string, { name, among, path }: Reference): Problem => ({
  code: `${kind.replace(' ', '-')}-undefined`,
  message: `service "${name}" refers to undefined ${kind} "${missing}"`,
  hint: didYouMean(missing, Object.keys(among)) ?? `declare it under "${kind.replace('build ', '')}s:"`,
  path,
})

const dependenciesExist: Rule = (service, name, project) =>
  Object.entries(service.depends_on ?? {}).flatMap(([dependency, { required }]) => {
    // A shared network namespace implies the dependency and has a rule of its own.
    if (isService(project, dependency) || service.network_mode === `service:${dependency}`) return []
    const path = ['depends_on', dependency]
    if (isKnown(project, dependency)) return required ? [disabledDependency(name, dependency, { project, path })] : []
    return [
      {
        code: 'depends-on-undefined',
        message: `service "${name}" depends on undefined service "${dependency}"`,
        hint: suggest(dependency, project.services),
        path,
      },
    ]
  })

function disabledDependency(
  name: string,
  dependency: string,
  { project, path }: { project: Project; path: Path },
): Problem {
  const profiles = project.disabledServices[dependency]?.profiles ?? []
  return {
    code: 'depends-on-disabled',
    message: `service "${name}" depends on service "${dependency}", whose profile is not active`,
    hint: profiles[0] === undefined ? undefined : `add --profile ${profiles[0]}`,
    path,
  }
}

const namespaceServiceExists: Rule = ({ network_mode: mode }, _name, project) => {
  const target = mode?.startsWith('service:') ? mode.slice('service:'.length) : undefined
  if (target === undefined || isService(project, target)) return []
  return [
    {
      code: 'network-mode-undefined',
      message: `service "${target}" not found for network_mode "${mode}"`,
      hint: suggest(target, project.services),
      path: ['network_mode'],
    },
  ]
}

const resourcesExist: Rule = (service, name, project) => [
  ...(service.volumes ?? []).flatMap(({ type, source }, index) =>
    type !== 'volume' || !source || Object.hasOwn(project.volumes, source)
      ? []
      : [undefinedName('volume', source, { name, among: project.volumes, path: ['volumes', index] })],
  ),
  ...missing('config', service.configs, { name, among: project.configs, path: ['configs'] }),
  ...missing('secret', service.secrets, { name, among: project.secrets, path: ['secrets'] }),
  ...missing('build secret', service.build?.secrets, { name, among: project.secrets, path: ['build', 'secrets'] }),
  ...Object.keys(service.models ?? {}).flatMap((model) =>
    Object.hasOwn(project.models, model)
      ? []
      : [undefinedName('model', model, { name, among: project.models, path: ['models', model] })],
  ),
]

const missing = (
  kind: string,
  references: readonly { readonly source: string }[] = [],
  reference: Reference,
): readonly Problem[] =>
  references.flatMap(({ source }, index) =>
    Object.hasOwn(reference.among, source)
      ? []
      : [undefinedName(kind, source, { ...reference, path: [...reference.path, index] })],
  )

const testIsKnown: Rule = ({ healthcheck }, name) => {
  const first = healthcheck?.test?.[0]
  if (first === undefined || ['CMD', 'CMD-SHELL', 'NONE'].includes(first)) return []
  return [
    {
      code: 'bad-healthcheck',
      message: `the health check of service "${name}" starts with "${first}"`,
      hint: 'a list starts with CMD, CMD-SHELL or NONE',
      path: ['healthcheck', 'test'],
    },
  ]
}

const twinsAgree: Rule = (service, name) => {
  const { deploy } = service
  const limits = deploy?.resources?.limits
  const reservations = deploy?.resources?.reservations
  const pairs: readonly (readonly [key: string, own: unknown, twin: string, theirs: unknown, compare: boolean])[] = [
    ['scale', service.scale, 'deploy.replicas', deploy?.replicas, deploy?.replicas !== undefined],
    ['cpus', service.cpus, 'deploy.resources.limits.cpus', limits?.cpus ?? 0, limits !== undefined],
    [
      'mem_limit',
      bytes(service.mem_limit),
      'deploy.resources.limits.memory',
      bytes(limits?.memory) ?? 0,
      limits !== undefined,
    ],
    [
      'mem_reservation',
      bytes(service.mem_reservation),
      'deploy.resources.reservations.memory',
      bytes(reservations?.memory) ?? 0,
      reservations !== undefined,
    ],
    ['pids_limit', service.pids_limit, 'deploy.resources.limits.pids', limits?.pids ?? 0, limits !== undefined],
  ]
  return pairs.flatMap(([key, own, twin, theirs, compare]) =>
    own === undefined || !compare || own === theirs
      ? []
      : [
          {
            code: 'twin-conflict',
            message: `service "${name}" has different values for "${key}" and "${twin}"`,
            hint: 'keep one of them',
            path: [key],
          },
        ],
  )
}

const bytes = (size: string | undefined): number | undefined => (size === undefined ? undefined : parseBytes(size))

const scaleIsSound: Rule = (service, name) => {
  const replicas = service.scale ?? service.deploy?.replicas ?? 1
  const path = service.scale === undefined ? ['deploy', 'replicas'] : ['scale']
  if (replicas < 0)
    return [
      {
        code: 'bad-value',
        message: `service "${name}" can't have ${replicas} containers`,
        hint: 'the number must be 0 or more',
        path,
      },
    ]
  if (replicas < 2 || !service.container_name) return []
  return [
    {
      code: 'container-name-scaled',
      message: `service "${name}" has one container name for ${replicas} containers`,
      hint: `remove "container_name", or "${path.join('.')}"`,
      path: ['container_name'],
    },
  ]
}

const watchHasTarget: Rule = ({ develop }, name) =>
  (develop?.watch ?? []).flatMap(({ action, target }, index) =>
    target || action === 'rebuild' || action === 'restart'
      ? []
      : [
          {
            code: 'watch-target',
            message: `a watch rule of service "${name}" with the action "${action}" has no target`,
            hint: 'add "target:", the path in the container',
            path: ['develop', 'watch', index],
          },
        ],
  )

const targetsDiffer: Rule = ({ tmpfs = [], volumes = [] }, name) => {
  const mounts: readonly (readonly [string, Path])[] = [
    ...tmpfs.map((mount, index) => [mount.split(':', 1)[0] ?? '', ['tmpfs', index]] as const),
    ...volumes.map(({ target }, index) => [target, ['volumes', index]] as const),
  ]
  const seen = new Set<string>()
  return mounts.flatMap(([target, path]) => {
    const repeated = seen.has(target)
    seen.add(target)
    return repeated
      ? [
          {
            code: 'target-taken',
            message: `service "${name}" mounts two things at "${target}"`,
            hint: 'keep one of them',
            path,
          },
        ]
      : []
  })
}

const RULES: readonly Rule[] = [
  needsImage,
  buildIsSound,
  networksExist,
  testIsKnown,
  dependenciesExist,
  namespaceServiceExists,
  resourcesExist,
  twinsAgree,
  scaleIsSound,
  watchHasTarget,
  targetsDiffer,
]
