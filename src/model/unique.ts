/** After lists were appended, the later of two entries about one thing wins and takes the earlier one's place. */
import { type Findings, report } from './findings.ts'
import { sprint } from './go-format.ts'
import { parseVolume } from './short/volume.ts'
import { laidOver } from './tree/history.ts'
import { child, inherit, list, mapItems, mapValues, type Node, text } from './tree/node.ts'
import { below, compileRules, type Rules } from './tree/rules.ts'

/** What an entry is about; undefined when it can't be told. */
type KeyOf = (item: Node) => string | undefined

export function enforceUnique(root: Node, findings: Findings): Node {
  const visit = (node: Node, rules: Rules<KeyOf> | undefined): Node => {
    if (!rules || node.kind === 'scalar') return node
    if (node.kind === 'map') return mapValues(node, (value, key) => visit(value, below(rules, key)))
    return rules.rule
      ? keepLast(node.items, rules.rule, { node, findings })
      : mapItems(node, (item) => visit(item, rules.any))
  }
  return visit(root, UNIQUE)
}

function keepLast(items: readonly Node[], keyOf: KeyOf, { node, findings }: { node: Node; findings: Findings }): Node {
  const places = new Map<string, number>()
  const kept: Node[] = []
  for (const item of items) {
    const key = keyOf(item)
    if (key === undefined) {
      report(findings, {
        code: 'bad-entry',
        message: 'this entry does not say what it is about',
        hint: 'a port, mount or device needs a "target", an env file a "path"',
        at: item.at,
      })
      continue
    }
    const place = places.get(key)
    if (place === undefined) places.set(key, kept.push(item) - 1)
    else kept[place] = laidOver(item, kept[place] ?? item)
  }
  return kept.length === items.length ? node : inherit(list(kept, node.at), node)
}

const byName: KeyOf = (item) => (item.kind === 'scalar' ? (sprint(item).split('=', 1)[0] ?? '') : undefined)

const byTarget: KeyOf = (item) => {
  if (item.kind === 'map') return text(child(item, 'target'))
  if (item.kind !== 'scalar' || typeof item.value !== 'string') return ''
  const volume = parseVolume(item.value)
  return volume.kind === 'volume' ? volume.target : item.value
}

const byDevice: KeyOf = (item) => {
  if (item.kind === 'map') return text(child(item, 'target')) ?? text(child(item, 'source'))
  if (item.kind !== 'scalar') return ''
  const parts = sprint(item).split(':')
  return parts[1] ?? parts[0] ?? ''
}

const byNumber: KeyOf = (item) =>
  item.kind === 'scalar' && (typeof item.value === 'string' || Number.isInteger(item.value)) ? sprint(item) : undefined

const byMountIn =
  (directory: string): KeyOf =>
  (item) => {
    if (item.kind === 'scalar') return `${directory}/${sprint(item)}`
    return text(child(item, 'target')) ?? `${directory}/${text(child(item, 'source')) ?? ''}`
  }

const byPort: KeyOf = (item) => {
  if (item.kind === 'scalar') return sprint(item)
  if (!child(item, 'target')) return undefined
  const part = (name: string, fallback: string): string => {
    const value = child(item, name)
    return value?.kind === 'scalar' ? sprint(value) : value ? '' : fallback
  }
  return `${part('host_ip', '0.0.0.0')}:${part('published', '<nil>')}:${part('target', '')}/${part('protocol', 'tcp')}`
}

const byPath: KeyOf = (item) => (item.kind === 'scalar' ? sprint(item) : text(child(item, 'path')))

const UNIQUE: Rules<KeyOf> = compileRules<KeyOf>([
  ['networks.*.labels', byName],
  ['networks.*.ipam.options', byName],
  ['services.*.annotations', byName],
  ['services.*.build.args', byName],
  ['services.*.build.additional_contexts', byName],
  ['services.*.build.platform', byName],
  ['services.*.build.tags', byName],
  ['services.*.build.labels', byName],
  ['services.*.cap_add', byName],
  ['services.*.cap_drop', byName],
  ['services.*.configs', byMountIn('')],
  ['services.*.deploy.labels', byName],
  ['services.*.dns', byName],
  ['services.*.dns_opt', byName],
  ['services.*.dns_search', byName],
  ['services.*.environment', byName],
  ['services.*.env_file', byPath],
  ['services.*.expose', byNumber],
  ['services.*.labels', byName],
  ['services.*.links', byName],
  ['services.*.networks.*.aliases', byName],
  ['services.*.networks.*.link_local_ips', byName],
  ['services.*.ports', byPort],
  ['services.*.profiles', byName],
  ['services.*.secrets', byMountIn('/run/secrets')],
  ['services.*.sysctls', byName],
  ['services.*.tmpfs', byName],
  ['services.*.volumes', byTarget],
  ['services.*.devices', byDevice],
])
