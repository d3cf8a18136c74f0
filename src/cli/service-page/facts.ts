/** What a service is, each with the place where it was written. */
import type { Mount, Path, Port, Project, Service } from '../../model/project.ts'
import { binarySize } from '../../view/human-size.ts'
import type { Fact } from '../../view/service-page.ts'

export function factsOf(project: Project, serviceName: string): readonly Fact[] {
  const service = project.services[serviceName] as Service
  const fact = (name: string, value: string, ...path: Path): Fact => {
    const at = placeOf(project, ['services', serviceName, ...path])
    return { name, value, ...(at && { at }) }
  }
  return [
    fact('image', service.image ?? `${project.name}-${serviceName}, which is built`, service.image ? 'image' : 'build'),
    ...PLAIN.flatMap((key) => {
      const value = service[key]
      return value === undefined ? [] : [fact(key, textOf(value), key)]
    }),
    ...(service.ports ?? []).map((port, index) => fact('port', portText(port), 'ports', index)),
    ...networksOf(project, service).map(([key, text]) => fact('network', text, 'networks', key)),
    ...(service.volumes ?? []).map((mount, index) => fact(mount.type, mountText(project, mount), 'volumes', index)),
    ...(service.configs ?? []).map(({ source }, index) => fact('config', source, 'configs', index)),
    ...(service.secrets ?? []).map(({ source }, index) => fact('secret', source, 'secrets', index)),
    ...limitsOf(service).map(([name, value, path]) => fact(name, value, ...path)),
    ...(service.healthcheck ? [fact('healthcheck', probeText(service), 'healthcheck')] : []),
    ...HOOKS.flatMap((kind) =>
      (service[kind] ?? []).map(({ command = [] }, index) => fact(kind, textOf(command), kind, index)),
    ),
  ]
}

const PLAIN = ['entrypoint', 'command', 'user', 'restart', 'scale', 'profiles', 'network_mode'] as const
const HOOKS = ['pre_start', 'post_start', 'pre_stop'] as const

/** Of what was written; of what stands for something that was, the nearest place. A default has none. */
function placeOf(project: Project, path: Path) {
  return project.locate(path) ?? (typeof path.at(-1) === 'number' ? project.locate(path.slice(0, -1)) : undefined)
}

const textOf = (value: string | number | readonly string[]): string =>
  typeof value === 'object'
    ? value.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word))).join(' ')
    : `${value}`

function portText({ host_ip: hostIp, published, target, protocol = 'tcp' }: Port): string {
  const address = hostIp ? `${hostIp.includes(':') ? `[${hostIp}]` : hostIp}:` : ''
  return `${address}${published || 'any free port'} -> ${target}/${protocol}`
}

function networksOf(project: Project, service: Service): readonly (readonly [string, string])[] {
  return Object.entries(service.networks ?? {}).map(([key, attachment]) => {
    const extras = [attachment?.ipv4_address, attachment?.ipv6_address, ...(attachment?.aliases ?? [])].filter(Boolean)
    const more = extras.length === 0 ? '' : ` as ${extras.join(', ')}`
    return [key, `${project.networks[key]?.name ?? key}${more}`]
  })
}

function mountText(project: Project, { type, source, target, read_only: readOnly }: Mount): string {
  const from =
    type === 'volume'
      ? source === undefined
        ? 'one without a name'
        : (project.volumes[source]?.name ?? source)
      : source
  return `${from === undefined ? '' : `${from} -> `}${target}${readOnly ? ', read-only' : ''}`
}

type Limit = readonly [name: string, value: string, path: Path]

function limitsOf(service: Service): readonly Limit[] {
  const limits = service.deploy?.resources?.limits
  const at = ['deploy', 'resources', 'limits']
  const all: readonly (readonly [string, string | number | undefined, Path])[] = [
    ['cpus', limits?.cpus, [...at, 'cpus']],
    ['cpus', limits?.cpus === undefined ? service.cpus : undefined, ['cpus']],
    ['memory', sizeText(limits?.memory), [...at, 'memory']],
    ['memory', limits?.memory === undefined ? sizeText(service.mem_limit) : undefined, ['mem_limit']],
    ['pids', limits?.pids, [...at, 'pids']],
    ['pids', limits?.pids === undefined ? service.pids_limit : undefined, ['pids_limit']],
  ]
  return all.flatMap(([name, value, path]) =>
    value === undefined ? [] : [[`${name} limit`, `${value}`, path] as const],
  )
}

const sizeText = (bytes: string | undefined): string | undefined =>
  bytes === undefined ? undefined : binarySize(Number(bytes))

function probeText({ healthcheck = {} }: Service): string {
  const { test = [], interval, disable } = healthcheck
  if (disable || test[0] === 'NONE') return 'none'
  const [kind = '', ...words] = test
  const every = interval === undefined ? '' : `, every ${interval}`
  return `${kind === 'CMD-SHELL' ? words.join(' ') : kind === 'CMD' ? textOf(words) : textOf(test)}${every}`
}
