/**
 * Projects of the collection that a daemon without the Internet can run: each service's image and command are exchanged for a local one that
 * waits, all else is as Docker Compose understood it. Chosen by rule, never by name.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface NeighbouringProject {
  /** Of the case in the collection. */
  readonly id: string
  /** The folder that relative paths were resolved against. */
  readonly folder: string
  /** How many containers it has. */
  readonly size: number
  readonly model: Model
  /** Every key that is set, such as `services.ports.published`. */
  readonly keys: ReadonlySet<string>
}

type Value = unknown
type Table = Readonly<Record<string, Value>>
interface Model {
  readonly name: string
  readonly services: Readonly<Record<string, Table>>
  readonly [section: string]: Value
}

const MOST_CONTAINERS = 4

/** Each is the one that shows the most keys which none before it has shown; of equals, the smaller one. */
export function neighbouringProjects(cases: string, image: string): readonly NeighbouringProject[] {
  const left = readdirSync(cases)
    .sort()
    .flatMap((id) => runnable(cases, id, image) ?? [])
    .sort((a, b) => a.size - b.size)
  const seen = new Set<string>()
  const newsIn = ({ keys }: NeighbouringProject): number => [...keys].filter((key) => !seen.has(key)).length
  const chosen: NeighbouringProject[] = []
  while (left.length > 0) {
    const news = left.map(newsIn)
    const [next] = left.splice(news.indexOf(Math.max(...news)), 1)
    if (next === undefined) break
    for (const key of next.keys) seen.add(key)
    chosen.push(next)
  }
  return chosen
}

function runnable(cases: string, id: string, image: string): NeighbouringProject | undefined {
  const folder = join(cases, id)
  const golden = join(folder, 'golden.json')
  const { expect } = JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8')) as { readonly expect: string }
  if (expect !== 'ok' || !existsSync(golden)) return undefined
  const model = JSON.parse(readFileSync(golden, 'utf8').replaceAll(`/corpus/${id}`, folder)) as Model
  if (Object.keys(model.services ?? {}).length === 0 || !isLocal(model, folder)) return undefined
  const name = `neighbour-${id.slice(0, 4)}`
  const substituted = { ...withoutOldNames(model), name, services: substitutes(model, image) }
  const size = Object.values(model.services).reduce((sum, service) => sum + scaleOf(service), 0)
  if (size === 0 || size > MOST_CONTAINERS) return undefined
  return { id, folder, size, model: substituted, keys: keysOf(substituted) }
}

/** Nothing has to be there beforehand, and nothing of this machine is touched. */
function isLocal(model: Model, folder: string): boolean {
  const objects = ['networks', 'volumes', 'configs', 'secrets'].flatMap((kind) => Object.values(tableOf(model[kind])))
  const isOurs = (object: Table): boolean =>
    !object.external && !object.driver_opts && ['', 'bridge', 'local', 'default'].includes(String(object.driver ?? ''))
  return (
    model.models === undefined &&
    objects.every((object) => isOurs(tableOf(object))) &&
    Object.values(model.services).every((service) => needsNothing(service, folder))
  )
}

/** What only some machines have, or what reaches beyond the project. */
const FOREIGN = [
  ...['provider', 'devices', 'gpus', 'runtime', 'credential_spec', 'external_links', 'isolation', 'cgroup_parent'],
  ...['storage_opt', 'userns_mode', 'uts', 'cpu_rt_runtime', 'cpu_rt_period', 'blkio_config', 'volumes_from', 'models'],
  'use_api_socket',
]
const READABLE_LOGS = ['', 'json-file', 'local']

function needsNothing(service: Table, folder: string): boolean {
  const mounts = (service.volumes ?? []) as readonly Table[]
  const isHere = ({ type, source }: Table): boolean =>
    type !== 'bind' || String(source).startsWith(folder) || existsSync(String(source))
  return (
    FOREIGN.every((key) => service[key] === undefined) &&
    tableOf(tableOf(tableOf(service.deploy).resources).reservations).devices === undefined &&
    ['undefined', 'bridge', 'none', 'host'].includes(String(service.network_mode)) &&
    READABLE_LOGS.includes(String(tableOf(service.logging).driver ?? '')) &&
    mounts.every((mount) => mount.type !== 'cluster' && mount.type !== 'npipe' && mount.type !== 'image') &&
    mounts.every(isHere)
  )
}

function scaleOf(service: Table): number {
  return Number(service.scale ?? tableOf(service.deploy).replicas ?? 1)
}

/** What was called after the project is called after it again. */
function withoutOldNames(model: Model): Table {
  const renamed = (kind: string): Table =>
    Object.fromEntries(
      Object.entries(tableOf(model[kind])).map(([key, object]) => {
        const { name, ...rest } = tableOf(object)
        return [key, name === `${model.name}_${key}` ? rest : object]
      }),
    )
  const present = ['networks', 'volumes', 'configs', 'secrets'].filter((kind) => model[kind] !== undefined)
  return { ...model, ...Object.fromEntries(present.map((kind) => [kind, renamed(kind)])) }
}

function substitutes(model: Model, image: string): Readonly<Record<string, Table>> {
  const jobs = new Set(
    Object.values(model.services).flatMap((service) =>
      Object.entries(tableOf(service.depends_on))
        .filter(([, need]) => tableOf(need).condition === 'service_completed_successfully')
        .map(([name]) => name),
    ),
  )
  return Object.fromEntries(
    Object.entries(model.services).map(([name, service]) => [
      name,
      substitute(service, { image, isJob: jobs.has(name) }),
    ]),
  )
}

/** The local image has no users and no programs but busybox's. */
function substitute(service: Table, { image, isJob }: { readonly image: string; readonly isJob: boolean }): Table {
  const { build, develop, platform, pull_policy, entrypoint, user, group_add, healthcheck, ...rest } = service
  const isNumeric = /^\d+(:\d+)?$/.test(String(user))
  const check = tableOf(healthcheck)
  const hooks = ['post_start', 'pre_stop'].filter((kind) => service[kind] !== undefined)
  const harmless = (kind: string) => (service[kind] as readonly Table[]).map((hook) => ({ ...hook, command: ['true'] }))
  const isChecked = healthcheck !== undefined && check.disable !== true
  return {
    ...rest,
    image,
    command: isJob ? ['true'] : ['sh', '-c', 'echo hello; exec sleep 1000'],
    ...Object.fromEntries(hooks.map((kind) => [kind, harmless(kind)])),
    ...(isNumeric && { user }),
    ...(isChecked && { healthcheck: { ...check, test: ['CMD', 'true'], interval: '100ms', timeout: '10s' } }),
  }
}

function keysOf(model: Model): ReadonlySet<string> {
  const keys = new Set<string>()
  const visit = (value: Value, path: string): void => {
    if (Array.isArray(value)) for (const one of value) visit(one, path)
    else if (typeof value === 'object' && value !== null)
      for (const [key, below] of Object.entries(value))
        visit(below, isNamed(path) ? `${path}.*` : note(`${path}.${key}`))
  }
  const note = (path: string): string => {
    if (!path.includes('.x-')) keys.add(path)
    return path
  }
  visit(model, '')
  return keys
}

/** Tables whose keys are the user's own words. */
function isNamed(path: string): boolean {
  return /^\.(services|networks|volumes|configs|secrets)$|\.(environment|labels|annotations|sysctls|extra_hosts|ulimits|depends_on|options)$/.test(
    path,
  )
}

function tableOf(value: Value): Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Table) : {}
}
