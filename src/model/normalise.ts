/**
 * What follows from what the user wrote: the default network, dependencies that links and shared namespaces imply, the engine's names
 * of networks and volumes, and variables that are declared without a value.
 */
import { posix } from 'node:path'
import { withDefaults } from './canonical.ts'
import { SECRET_VALUE } from './decode.ts'
import type { Environment } from './environment.ts'
import { grow } from './extent.ts'
import type { Findings } from './findings.ts'
import { sprint } from './go-format.ts'
import { laidOver, remade, withUsed } from './tree/history.ts'
import {
  child,
  type Entry,
  emptyMap,
  inherit,
  isNull,
  list,
  type MapNode,
  map,
  mapItems,
  mapOf,
  mapValues,
  type Node,
  scalar,
  text,
  withChild,
} from './tree/node.ts'
import { sourceOf, type UsedVariable } from './tree/used-variable.ts'

/** Variables that are filled in where they are declared without a value. */
interface Filling extends Environment {
  readonly findings: Findings
}

/** Give values to what is declared without one: environment lists, and the secrets and configs that come from a variable. */
export function resolveFromEnvironment(root: MapNode, environment: Filling): MapNode {
  const services = updateChildren(root, 'services', (service) => {
    const listed = child(service, 'environment')
    if (listed?.kind !== 'list') return service
    return withChild(
      service,
      'environment',
      mapItems(listed, (item) => withValue(item, environment)),
    )
  })
  const secrets = updateChildren(services, 'secrets', (secret) => withContent(secret, SECRET_VALUE, environment))
  return updateChildren(secrets, 'configs', (config) => withContent(config, 'content', environment))
}

function withValue(item: Node, environment: Filling): Node {
  const name = text(item)
  const value = name === undefined ? undefined : environment.variables.get(name)
  if (name === undefined || value === undefined) return item
  return withUsed(remade(item, `${name}=${value}`), [takenFrom(name, value, environment)])
}

function takenFrom(name: string, value: string, { sources, findings }: Filling): UsedVariable {
  grow(findings, { characters: value.length })
  return { name, value, from: sourceOf(name, sources), template: name }
}

function withContent(object: MapNode, key: string, environment: Filling): MapNode {
  const variable = child(object, 'environment')
  const name = text(variable)
  const value = name === undefined ? undefined : environment.variables.get(name)
  if (!variable || name === undefined || value === undefined) return object
  return withChild(object, key, withUsed(scalar(value, variable.at), [takenFrom(name, value, environment)]))
}

/** Change every mapping under a top-level key. */
function updateChildren(root: MapNode, section: string, change: (element: MapNode, name: string) => MapNode): MapNode {
  const elements = child(root, section)
  if (elements?.kind !== 'map') return root
  const changed = mapValues(elements, (element, name) => (element.kind === 'map' ? change(element, name) : element))
  return changed === elements ? root : withChild(root, section, changed)
}

export function normalise(root: MapNode, name: string, environment: Filling): MapNode {
  const named = withChild(root, 'name', nameNode(name, child(root, 'name'), environment))
  const networked = withNetworks(named)
  return withNames(
    updateChildren(networked, 'services', (service) => normaliseService(service, environment)),
    name,
  )
}

/** The project's name; what an option or a variable says is not written in a file. */
function nameNode(name: string, written: Node | undefined, environment: Filling): Node {
  const used = takenFrom('COMPOSE_PROJECT_NAME', name, environment)
  if (used.from.kind === 'file' && used.from.at === written?.at) return written ? remade(written, name) : scalar(name)
  const node = withUsed(scalar(name), [used])
  return written && text(written) !== '' ? laidOver(node, written) : node
}

/** A service without networks is on the default one, and that one exists only if some service is on it. */
function withNetworks(root: MapNode): MapNode {
  let used = false
  const services = updateChildren(root, 'services', (service) => {
    if (service.entries.has('provider') || service.entries.has('network_mode')) return service
    const networks = child(service, 'networks')
    if (networks?.kind === 'map' && networks.entries.size > 0) {
      used ||= networks.entries.has('default')
      return service
    }
    used = true
    return withChild(service, 'networks', mapOf({ default: scalar(null) }))
  })
  const networks = child(services, 'networks')
  const declared = networks?.kind === 'map' ? networks : emptyMap()
  if (!used || declared.entries.has('default')) return services
  return withChild(services, 'networks', withChild(declared, 'default', scalar(null)))
}

function normaliseService(service: MapNode, environment: Filling): MapNode {
  return [withPullPolicy, withBuild, withEnvironment, withCleanTargets, withImpliedDependencies, withHookImages].reduce(
    (changed, step) => step(changed, environment),
    service,
  )
}

function withPullPolicy(service: MapNode): MapNode {
  const policy = child(service, 'pull_policy')
  return policy && text(policy) === 'if_not_present'
    ? withChild(service, 'pull_policy', remade(policy, 'missing'))
    : service
}

function withBuild(service: MapNode, environment: Filling): MapNode {
  const build = child(service, 'build')
  if (build?.kind !== 'map') return service
  const inline = build.entries.has('dockerfile_inline')
  const full = withDefaults(build, { context: scalar('.'), ...(inline ? {} : { dockerfile: scalar('Dockerfile') }) })
  const args = child(full, 'args')
  // An argument without value anywhere is left to the Dockerfile.
  return withChild(service, 'build', args ? withChild(full, 'args', fillIn(args, environment, 'drop')) : full)
}

function withEnvironment(service: MapNode, environment: Filling): MapNode {
  const written = child(service, 'environment')
  return written ? withChild(service, 'environment', fillIn(written, environment, 'keep')) : service
}

/** Variables without a value get the project's; those it has no value for either are dropped or kept. */
function fillIn(node: Node, environment: Filling, unset: 'drop' | 'keep'): Node {
  if (node.kind === 'list') {
    const items = node.items.map((item) => (isPair(item) ? item : withValue(item, environment)))
    const kept = items.filter((item) => unset === 'keep' || isPair(item))
    return kept.length === 0 ? scalar(null, node.at) : inherit(list(kept, node.at), node)
  }
  if (node.kind === 'scalar' || ![...node.entries.values()].some(({ value }) => isNull(value))) return node
  const entries = new Map<string, Entry>()
  for (const [key, entry] of node.entries) {
    const found = isNull(entry.value) ? environment.variables.get(key) : undefined
    if (found !== undefined) {
      const value = { ...inherit(scalar(found, entry.key), entry.value), used: [takenFrom(key, found, environment)] }
      entries.set(key, { key: entry.key, value })
    } else if (unset === 'keep' || !isNull(entry.value)) entries.set(key, entry)
  }
  return inherit(map(entries, node.at), node)
}

const isPair = (item: Node): boolean => item.kind === 'scalar' && sprint(item).includes('=')

function withCleanTargets(service: MapNode): MapNode {
  const volumes = child(service, 'volumes')
  if (volumes?.kind !== 'list') return service
  const clean = mapItems(volumes, (volume) => {
    const target = child(volume, 'target')
    const path = text(target)
    if (volume.kind !== 'map' || !target || path === undefined) return volume
    const cleaned = posix.normalize(path).replace(/(.)\/$/, '$1')
    return cleaned === path ? volume : withChild(volume, 'target', remade(target, cleaned))
  })
  return clean === volumes ? service : withChild(service, 'volumes', clean)
}

const NAMESPACES = ['network_mode', 'ipc', 'pid', 'uts', 'cgroup']

interface Implied {
  readonly name: string
  readonly restart: boolean
  readonly from: Node
}

function withImpliedDependencies(service: MapNode): MapNode {
  const dependencies = child(service, 'depends_on')
  const implied = [...fromLinks(service), ...fromNamespaces(service), ...fromVolumes(service)]
  const declared = dependencies?.kind === 'map' ? dependencies : emptyMap()
  const entries = new Map(declared.entries)
  for (const { name, restart, from } of implied) {
    if (entries.has(name)) continue
    const fields = {
      condition: scalar('service_started', from.at),
      restart: scalar(restart, from.at),
      required: scalar(true, from.at),
    }
    entries.set(name, { key: from.at, value: mapOf(fields, from.at) })
  }
  const all = entries.size === declared.entries.size ? declared : inherit(map(entries, declared.at), declared)
  return entries.size === 0 ? service : withChild(service, 'depends_on', all)
}

const itemsOf = (node: Node | undefined): readonly Node[] => (node?.kind === 'list' ? node.items : [])

function fromLinks(service: MapNode): readonly Implied[] {
  return itemsOf(child(service, 'links')).map((link) => {
    const parts = (text(link) ?? '').split(':')
    return { name: (parts.length === 2 ? parts[0] : text(link)) ?? '', restart: true, from: link }
  })
}

function fromNamespaces(service: MapNode): readonly Implied[] {
  return NAMESPACES.flatMap((namespace) => {
    const from = child(service, namespace)
    const mode = text(from)
    return from && mode?.startsWith('service:') ? [{ name: mode.slice('service:'.length), restart: true, from }] : []
  })
}

function fromVolumes(service: MapNode): readonly Implied[] {
  return itemsOf(child(service, 'volumes_from')).flatMap((from) => {
    const spec = text(from) ?? ''
    return spec.startsWith('container:') ? [] : [{ name: spec.split(':', 1)[0] ?? '', restart: false, from }]
  })
}

function withHookImages(service: MapNode): MapNode {
  const [hooks, image] = [child(service, 'pre_start'), child(service, 'image')]
  if (hooks?.kind !== 'list' || !image || !text(image)) return service
  return withChild(
    service,
    'pre_start',
    mapItems(hooks, (hook) => (hook.kind === 'map' ? withDefaults(hook, { image }) : hook)),
  )
}

/** The engine's names: the project's name before the key, unless the thing is somebody else's. */
function withNames(root: MapNode, project: string): MapNode {
  return ['networks', 'volumes', 'configs', 'secrets'].reduce((tree, section) => {
    const elements = child(tree, section)
    if (elements?.kind !== 'map') return tree
    const named = mapValues(elements, (element, key) => {
      const full = element.kind === 'map' ? element : inherit(emptyMap(element.at), element)
      if (full.entries.has('name') && !isNull(child(full, 'name'))) return full
      const external = child(full, 'external')
      const foreign = external?.kind === 'scalar' && external.value === true
      return withChild(full, 'name', scalar(foreign ? key : `${project}_${key}`))
    })
    return withChild(tree, section, named)
  }, root)
}
