/** What the user wrote and nothing will come of: said once for each place, never left out in silence. */
import type { Diagnostic } from '../diagnostic.ts'
import type { DriverLimits, ResourceSpec } from '../driver/driver.ts'
import type { Network, Path, Project, Service } from '../model/project.ts'
import { placeOf } from './place.ts'

const NOT_YET = 'leave it out, or follow the release notes'
const SWARM = 'it means something to Swarm only: leave it out where there is none'
const WINDOWS = 'it means something on Windows only: leave it out here'

/** Paths below a service that no field of a spec can hold, and what to do about it. `*` stands for any key or item. */
const SERVICE: readonly (readonly [path: string, hint: string])[] = [
  ...['external_links', 'models'].map((path) => [path, NOT_YET] as const),
  ...['use_api_socket', 'networks.*.link_local_ips', 'volumes.*.volume.labels'].map((path) => [path, NOT_YET] as const),
  ...['cpu_count', 'cpu_percent', 'credential_spec', 'isolation'].map((path) => [path, WINDOWS] as const),
  ['volumes.*.consistency', 'a mount is always consistent on Linux: leave it out'],
  ...['endpoint_mode', 'labels', 'placement', 'rollback_config', 'update_config'].map(
    (key) => [`deploy.${key}`, SWARM] as const,
  ),
  ...['restart_policy.delay', 'restart_policy.window', 'resources.reservations.cpus'].map(
    (key) => [`deploy.${key}`, SWARM] as const,
  ),
  ...['resources.reservations.pids', 'resources.reservations.generic_resources'].map(
    (key) => [`deploy.${key}`, SWARM] as const,
  ),
]

const NETWORK: readonly (readonly [path: string, hint: string])[] = [
  ['attachable', SWARM],
  ['ipam.options', NOT_YET],
  ['ipam.config.*.aux_addresses', NOT_YET],
]

export interface Limits {
  readonly driver: DriverLimits
  /** Of the image, where it is there. */
  readonly platform: string | undefined
}

export function serviceWithoutEffect(
  project: Project,
  [serviceName, service]: readonly [string, Service],
  limits: Limits,
): readonly Diagnostic[] {
  const of = ` of service "${serviceName}"`
  const told = (path: Path, hint: string): Diagnostic =>
    withoutEffect(project, ['services', serviceName, ...path], { what: path.join('.'), of, hint })
  return [
    ...SERVICE.flatMap(([pattern, hint]) => placesOf(service, pattern).map((path) => told(path, hint))),
    ...swarmMode(service).map((path) => told(path, SWARM)),
    ...beyondDriver(service, limits).map(([path, hint]) => told(path, hint)),
  ]
}

export function networkWithoutEffect(
  project: Project,
  [key, network]: readonly [string, Network],
  limits: DriverLimits,
): readonly Diagnostic[] {
  const told = (path: Path, hint: string): Diagnostic =>
    withoutEffect(project, ['networks', key, ...path], { what: path.join('.'), of: ` of network "${key}"`, hint })
  const options = Object.keys(network.driver_opts ?? {}).filter((option) => !knows(limits.networkOptions, option))
  return [
    ...NETWORK.flatMap(([pattern, hint]) => placesOf(network, pattern).map((path) => told(path, hint))),
    ...(network.enable_ipv4 === false ? [told(['enable_ipv4'], NOT_YET)] : []),
    ...options.map((option) => told(['driver_opts', option], 'the driver has no such option: leave it out')),
  ]
}

function withoutEffect(
  project: Project,
  path: Path,
  { what, of, hint }: { readonly what: string; readonly of: string; readonly hint: string },
): Diagnostic {
  return {
    severity: 'warning',
    code: 'attribute-without-effect',
    message: `"${what}"${of} has no effect`,
    hint,
    ...placeOf(project, path),
  }
}

const swarmMode = ({ deploy }: Service): readonly Path[] =>
  deploy?.mode === undefined || deploy.mode === 'replicated' ? [] : [['deploy', 'mode']]

/** What a spec can hold, but this driver does nothing with. */
function beyondDriver(service: Service, { driver, platform }: Limits): readonly (readonly [Path, string])[] {
  const labels = driver.securityLabels ? [] : securityLabels(service)
  const options = Object.keys(service.logging?.options ?? {}).filter(
    (option) => !knows(logOptionsOf(service, driver), option),
  )
  const isOther = !driver.platforms && service.platform !== undefined && platform !== undefined
  return [
    ...driver.withoutResources.flatMap((resource) =>
      placesOf(service, RESOURCES[resource] ?? '').map(
        (path) => [path, 'this kernel has no such limit: leave it out'] as const,
      ),
    ),
    ...labels.map((path) => [path, 'the driver sets no security labels: leave it out'] as const),
    ...options.map(
      (option) => [['logging', 'options', option], 'the driver has no such option: leave it out'] as const,
    ),
    ...(isOther && !samePlatform(service.platform ?? '', platform ?? '')
      ? [[['platform'], `the image is of platform "${platform}", and is run as it is`] as const]
      : []),
  ]
}

/** What the limits are called that not every kernel knows. */
const RESOURCES: { readonly [R in keyof ResourceSpec]?: keyof Service } = {
  cpuRealtimeRuntimeUs: 'cpu_rt_runtime',
  cpuRealtimePeriodUs: 'cpu_rt_period',
  memorySwappiness: 'mem_swappiness',
  oomKillDisable: 'oom_kill_disable',
}

const samePlatform = (wanted: string, found: string): boolean => found === wanted || found.startsWith(`${wanted}/`)

function securityLabels({ security_opt: options = [], volumes = [] }: Service): readonly Path[] {
  return [
    ...options.flatMap((option, index) => (/^label[=:]disable$/.test(option) ? [['security_opt', index]] : [])),
    ...volumes.flatMap((mount, index) => (mount.bind?.selinux ? [['volumes', index, 'bind', 'selinux']] : [])),
  ]
}

/** What a logging driver knows that there is not, its refusal says. */
const logOptionsOf = ({ logging }: Service, { logOptions }: DriverLimits): 'all' | readonly string[] =>
  logOptions === 'all' ? 'all' : (logOptions.get(logging?.driver || 'json-file') ?? 'all')

const knows = (names: DriverLimits['networkOptions'], name: string): boolean => names === 'all' || names.includes(name)

/** The places of a value that fit a pattern and have something in them. */
function placesOf(value: unknown, pattern: string): readonly Path[] {
  return pattern
    .split('.')
    .reduce<readonly Found[]>((found, key) => found.flatMap((one) => step(one, key)), [{ path: [], value }])
    .flatMap(({ path, value: inner }) => (isSet(inner) ? [path] : []))
}

interface Found {
  readonly path: Path
  readonly value: unknown
}

function step({ path, value }: Found, key: string): readonly Found[] {
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) return value.map((item, index) => ({ path: [...path, index], value: item as unknown }))
  const record = value as Readonly<Record<string, unknown>>
  const keys = key === '*' ? Object.keys(record) : Object.hasOwn(record, key) ? [key] : []
  return keys.map((name) => ({ path: [...path, name], value: record[name] }))
}

function isSet(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === '') return false
  return typeof value !== 'object' || Object.keys(value).length > 0
}
