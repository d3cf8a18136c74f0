/** The phase that looks at a project as a whole: what services refer to exists, and what they say twice agrees. */
import { findCycle } from './cycle.ts'
import { type FindingNote, type Findings, report } from './findings.ts'
import { testIsKnown } from './healthcheck.ts'
import { nodeAt } from './locate.ts'
import type { Problem, Rule } from './problem.ts'
import type { Path, Project } from './project.ts'
import { variableNotes } from './provenance.ts'
import {
  dependenciesExist,
  isService,
  namespaceServiceExists,
  networksExist,
  resourcesExist,
  suggestService,
} from './references.ts'
import type { Node } from './tree/node.ts'
import { parseBytes } from './units.ts'

export interface Scope {
  /** The services that are wanted, each looked at as it is in the whole project. */
  readonly selected: Project
  /** The model that the project was made of. */
  readonly root: Node
}

export function checkConsistency(project: Project, { selected, root }: Scope, findings: Findings): void {
  const tell = (problem: Problem): void =>
    add(findings, project, problem, () => variableNotes(nodeAt(root, problem.path)))
  for (const [name, service] of Object.entries(project.services)) {
    if (!Object.hasOwn(selected.services, name)) continue
    for (const rule of RULES)
      for (const problem of rule(service, name, project)) tell(below(['services', name], problem))
  }
  for (const [name, secret] of Object.entries(project.secrets)) {
    if (secret.external || secret.file || secret.environment) continue
    const message = `secret "${name}" has no content`
    add(findings, project, {
      code: 'no-content',
      message,
      hint: 'add "file" or "environment"',
      path: ['secrets', name],
    })
  }
  const cycle = findCycle(selected)
  if (cycle) tell(cycle)
}

/** The problem with its paths seen from the project. */
const below = (start: Path, problem: Problem): Problem => ({
  ...problem,
  path: [...start, ...problem.path],
  notes: problem.notes?.map((note) => ({ ...note, path: [...start, ...note.path] })),
})

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
        notes: [{ message: `service "${owner}" has it here`, path: ['services', owner, 'container_name'] }],
      })
    }
    owners.set(containerName, name)
  }
}

function add(
  findings: Findings,
  { locate }: Project,
  problem: Problem,
  variables: () => readonly FindingNote[] = () => [],
): void {
  report(findings, () => {
    const { path, notes = [], ...words } = problem
    const told = notes.map((note) => ({ message: note.message, at: locatePath(locate, note.path) }))
    return { ...words, at: locatePath(locate, path), notes: [...told, ...variables()] }
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

const needsImage: Rule = (service, name) =>
  service.image || service.build || service.provider
    ? []
    : [
        {
          code: 'no-image',
          message: `service "${name}" has neither an image nor a build context`,
          hint: 'add "image:" or "build:"',
          // An empty image is there, and says nothing.
          path: ['image'],
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
      notes: [{ message: '"dockerfile" is here', path: ['build', 'dockerfile'] }],
    })
  }
  if (platform && build.platforms && build.platforms.length > 0 && !build.platforms.includes(platform)) {
    problems.push({
      code: 'build-platform',
      message: `the build platforms of service "${name}" lack its platform "${platform}"`,
      hint: `add "${platform}" to build.platforms`,
      path: ['build', 'platforms'],
      notes: [{ message: 'the platform is here', path: ['platform'] }],
    })
  }
  return [...problems, ...checkContexts(name, build.additional_contexts ?? {}, project)]
}

function checkContexts(name: string, contexts: Readonly<Record<string, string>>, project: Project): readonly Problem[] {
  return Object.entries(contexts).flatMap(([context, source]): readonly Problem[] => {
    if (!source.startsWith('service:')) return []
    const target = source.slice('service:'.length)
    const path = ['build', 'additional_contexts', context]
    if (!isService(project, target)) {
      return [
        {
          code: 'context-undefined',
          message: `service "${name}" builds from undefined service "${target}"`,
          hint: () => suggestService(target, project),
          path,
        },
      ]
    }
    if (project.services[target]?.build) return []
    return [
      {
        code: 'context-not-built',
        message: `service "${name}" builds from service "${target}", which is not built`,
        hint: `give service "${target}" a "build:", or name an image with docker-image://`,
        path,
      },
    ]
  })
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
            notes: [{ message: `"${twin}" is here`, path: twin.split('.') }],
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
      notes: [{ message: 'how many there are is said here', path }],
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
  const seen = new Map<string, Path>()
  return mounts.flatMap(([target, path]): readonly Problem[] => {
    const first = seen.get(target)
    if (!first) seen.set(target, path)
    return first
      ? [
          {
            code: 'target-taken',
            message: `service "${name}" mounts two things at "${target}"`,
            hint: 'keep one of them',
            path,
            notes: [{ message: 'the other one is here', path: first }],
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
