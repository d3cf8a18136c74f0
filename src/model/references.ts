/** The rules that what a service refers to exists. */
import { didYouMean, suggest } from './nearest.ts'
import type { Problem, Rule } from './problem.ts'
import type { Path, Project } from './project.ts'

export const isService = (project: Project, name: string): boolean => Object.hasOwn(project.services, name)
const isKnown = (project: Project, name: string): boolean =>
  isService(project, name) || Object.hasOwn(project.disabledServices, name)

export const suggestService = (name: string, { services }: Project): string =>
  suggest(name, Object.keys(services), 'declare it under "services:"')

export const networksExist: Rule = (service, name, project) => {
  const networks = Object.keys(service.networks ?? {})
  const both = service.network_mode && networks.length > 0
  const conflict: readonly Problem[] = both
    ? [
        {
          code: 'network-conflict',
          message: `service "${name}" has both "network_mode" and "networks"`,
          hint: 'keep one of them',
          path: ['network_mode'],
          notes: [{ message: '"networks" is here', path: ['networks'] }],
        },
      ]
    : []
  return [
    ...conflict,
    ...networks.flatMap((network) => {
      const path = ['networks', network]
      if (network.startsWith('x-')) return [extensionAsNetwork(network, name, path)]
      return Object.hasOwn(project.networks, network)
        ? []
        : [undefinedName('network', network, { name, among: project.networks, path })]
    }),
  ]
}

/** Docker Compose takes such a key of a service's networks for an extension, so nobody may be on a network of that name. */
const extensionAsNetwork = (network: string, name: string, path: Path): Problem => ({
  code: 'extension-as-network',
  message: `service "${name}" can't join "${network}": names that start with x- are extensions here`,
  hint: 'give the network another name',
  path,
})

interface Reference {
  readonly name: string
  readonly among: object
  readonly path: Path
}

const UNDEFINED = {
  network: 'network-undefined',
  volume: 'volume-undefined',
  config: 'config-undefined',
  secret: 'secret-undefined',
  'build secret': 'build-secret-undefined',
  model: 'model-undefined',
} as const

const undefinedName = (kind: keyof typeof UNDEFINED, missing: string, { name, among, path }: Reference): Problem => ({
  code: UNDEFINED[kind],
  message: `service "${name}" refers to undefined ${kind} "${missing}"`,
  hint: () => didYouMean(missing, Object.keys(among)) ?? `declare it under "${kind.replace('build ', '')}s:"`,
  path,
})

export const dependenciesExist: Rule = (service, name, project) =>
  Object.entries(service.depends_on ?? {}).flatMap(([dependency, { required }]): readonly Problem[] => {
    // A shared network namespace implies the dependency and has a rule of its own.
    if (isService(project, dependency) || service.network_mode === `service:${dependency}`) return []
    const path = ['depends_on', dependency]
    if (isKnown(project, dependency)) return required ? [disabledDependency(name, dependency, { project, path })] : []
    return [
      {
        code: 'depends-on-undefined',
        message: `service "${name}" depends on undefined service "${dependency}"`,
        hint: () => suggestService(dependency, project),
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
    hint: () => {
      const advice = profiles[0] === undefined ? `take the dependency away` : `add --profile ${profiles[0]}`
      const chain = needersOf(name, project)
      return chain.length === 0 ? advice : `${advice}: ${[...chain, name, dependency].join(' -> ')}`
    },
    path,
  }
}

/** Who needs it, from the first that nobody else needs; one way of several. */
function needersOf(name: string, project: Project): readonly string[] {
  const chain: string[] = []
  const needs = (other: string, wanted: string): boolean =>
    Object.hasOwn(project.services[other]?.depends_on ?? {}, wanted)
  for (let wanted: string | undefined = name; wanted !== undefined; ) {
    const last: string = wanted
    wanted = Object.keys(project.services).find(
      (other) => other !== name && !chain.includes(other) && needs(other, last),
    )
    if (wanted !== undefined) chain.unshift(wanted)
  }
  return chain
}

export const namespaceServiceExists: Rule = ({ network_mode: mode }, _name, project) => {
  const target = mode?.startsWith('service:') ? mode.slice('service:'.length) : undefined
  if (target === undefined || isService(project, target)) return []
  return [
    {
      code: 'network-mode-undefined',
      message: `service "${target}" not found for network_mode "${mode}"`,
      hint: () => suggestService(target, project),
      path: ['network_mode'],
    },
  ]
}

export const resourcesExist: Rule = (service, name, project) => [
  ...(service.volumes ?? []).flatMap(({ type, source }, index) =>
    type !== 'volume' || !source || Object.hasOwn(project.volumes, source)
      ? []
      : [undefinedName('volume', source, { name, among: project.volumes, path: ['volumes', index, 'source'] })],
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
  kind: 'config' | 'secret' | 'build secret',
  references: readonly { readonly source?: string }[] = [],
  reference: Reference,
): readonly Problem[] =>
  references.flatMap(({ source = '' }, index) =>
    Object.hasOwn(reference.among, source)
      ? []
      : [undefinedName(kind, source, { ...reference, path: [...reference.path, index, 'source'] })],
  )
