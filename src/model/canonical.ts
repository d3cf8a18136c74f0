/**
 * Short forms to long ones, so that every later phase knows one form of each attribute.
 * https://github.com/compose-spec/compose-spec/blob/main/05-services.md
 */

import { posix } from 'node:path'
import { grow } from './extent.ts'
import { type Findings, noFindings, report, warn } from './findings.ts'
import { sprint } from './go-format.ts'
import type { Path } from './project.ts'
import { about } from './provenance.ts'
import { parsePorts } from './short/port.ts'
import { isTiny, parseVolume } from './short/volume.ts'
import { piece, remade } from './tree/history.ts'
import {
  child,
  type Entry,
  inherit,
  isNull,
  list,
  type MapNode,
  map,
  mapItems,
  mapOf,
  mapValues,
  type Node,
  type ScalarNode,
  scalar,
  text,
  withChild,
  withChildren,
} from './tree/node.ts'
import { below, compileRules, type Rules } from './tree/rules.ts'

interface Context {
  readonly findings: Findings
  /** Without interpolation a text may be anything: what can't be read is left as it is. */
  readonly lenient: boolean
  readonly path: Path
}

type Rule = (node: Node, context: Context) => Node

export function canonical(root: Node, options: { findings: Findings; lenient: boolean }): Node {
  const visit = (node: Node, rules: Rules<Rule>, path: Path): Node => {
    const inside = descend(node, (value, key) => {
      const inner = below(rules, String(key))
      return inner ? visit(value, inner, [...path, key]) : value
    })
    return rules.rule ? rules.rule(inside, { ...options, path }) : inside
  }
  return visit(root, CANONICAL, [])
}

function descend(node: Node, change: (value: Node, key: string | number) => Node): Node {
  if (node.kind === 'map') return mapValues(node, change)
  return node.kind === 'list' ? mapItems(node, change) : node
}

const isText = (node: Node): boolean => node.kind === 'scalar' && typeof node.value === 'string'

const asList: Rule = (node) => (isText(node) ? list([node], node.at) : node)

/** `KEY` alone for `{KEY: key}`. */
const wrap =
  (key: string): Rule =>
  (node) =>
    isText(node) ? mapOf({ [key]: node }, node.at) : node

/** A list of names as a mapping without values. */
const namesToMap: Rule = (node) => {
  if (node.kind !== 'list') return node
  const entries = node.items.flatMap((item) =>
    item.kind === 'scalar' ? [[sprint(item), { key: item.at, value: piece(item, null) }] as const] : [],
  )
  return inherit(map(new Map(entries), node.at), node)
}

const printed: Rule = (node) =>
  node.kind === 'scalar' && typeof node.value !== 'string' ? remade(node, sprint(node)) : node

/** `KEY=value` items as a mapping. */
const pairsToMap: Rule = (node, { findings, lenient }) => {
  if (node.kind !== 'list') return node
  const entries = new Map<string, Entry>()
  for (const item of node.items) {
    const pair = item.kind === 'scalar' ? sprint(item) : ''
    const equals = pair.indexOf('=')
    if (equals >= 0) entries.set(pair.slice(0, equals), { key: item.at, value: remade(item, pair.slice(equals + 1)) })
    else if (lenient) return node
    else
      report(findings, {
        code: 'bad-pair',
        message: `"${pair}" is not KEY=value`,
        hint: 'write an equals sign between name and value',
        ...about(item),
      })
  }
  return inherit(map(entries, node.at), node)
}

const dependency = (item: Node): MapNode =>
  mapOf({ condition: piece(item, 'service_started'), required: piece(item, true) }, item.at)

const VALUES_OF_A_DEPENDENCY = 3

const dependsOn: Rule = (node, { findings }) => {
  if (node.kind === 'list') {
    grow(findings, { values: VALUES_OF_A_DEPENDENCY * node.items.length }, node.at)
    const entries = node.items.flatMap((item) =>
      item.kind === 'scalar' ? [[sprint(item), { key: item.at, value: dependency(item) }] as const] : [],
    )
    return inherit(map(new Map(entries), node.at), node)
  }
  if (node.kind !== 'map') return node
  return mapValues(node, (value) =>
    value.kind === 'map'
      ? withDefaults(value, { condition: scalar('service_started'), required: scalar(true) })
      : value,
  )
}

/** The mapping with what it lacks. */
export function withDefaults(node: MapNode, defaults: Readonly<Record<string, Node>>): MapNode {
  const missing = Object.entries(defaults).filter(([key]) => !node.entries.has(key))
  return withChildren(node, missing)
}

const envFiles: Rule = (node) => {
  const one = (item: Node): Node => {
    const file = isText(item) ? mapOf({ path: item }, item.at) : item
    return file.kind === 'map' ? withDefaults(file, { required: scalar(true) }) : file
  }
  return node.kind === 'list' ? mapItems(node, one) : list([one(node)], node.at)
}

const gpus: Rule = (node) => (isText(node) ? list([mapOf({ count: remade(node, 'all') }, node.at)], node.at) : node)

const volume: Rule = (node, { findings }) => {
  if (node.kind !== 'scalar' || typeof node.value !== 'string') return node
  const { at, value } = node
  const short = parseVolume(value)
  if (short.kind === 'bad') {
    const hint = 'write SOURCE:TARGET, SOURCE:TARGET:ro, or TARGET alone'
    report(findings, {
      code: 'bad-volume',
      message: `"${value}" is not a volume: ${short.reason}`,
      hint,
      ...about(node),
    })
    return node
  }
  const flag = (on: boolean): Node | undefined => (on ? piece(node, true) : undefined)
  const word = (written: string | undefined): Node | undefined =>
    written === undefined ? undefined : piece(node, written)
  const bind = mapOf(
    { selinux: word(short.selinux), propagation: word(short.propagation), create_host_path: flag(short.isPath) },
    at,
  )
  const long = mapOf(
    {
      type: piece(node, short.isPath ? 'bind' : 'volume'),
      source: short.source === '' ? undefined : piece(node, short.source),
      target: piece(node, posix.normalize(short.target).replace(/(.)\/$/, '$1')),
      read_only: flag(short.readOnly),
      bind: bind.entries.size > 0 ? bind : undefined,
      // Docker Compose leaves a target of one or two characters without it.
      volume: (short.isPath && !short.nocopy) || isTiny(value) ? undefined : mapOf({ nocopy: flag(short.nocopy) }, at),
    },
    at,
  )
  return inherit(long, node)
}

const device: Rule = (node, { findings, lenient }) => {
  if (node.kind !== 'scalar' || typeof node.value !== 'string') return node
  const [source = '', target, permissions, more] = node.value.split(':')
  if (more !== undefined && !lenient) {
    report(findings, {
      code: 'bad-device',
      message: `"${node.value}" is not a device: it has too many colons`,
      hint: 'use the long syntax',
      ...about(node),
    })
  }
  const parts = {
    source,
    target: target || source,
    permissions: more === undefined && permissions !== undefined ? permissions : 'rwm',
  }
  const pieces = Object.entries(parts).map(([key, value]) => [key, piece(node, value)] as const)
  return inherit(mapOf(Object.fromEntries(pieces), node.at), node)
}

const ports: Rule = (node, { findings, lenient }) => {
  if (node.kind !== 'list') return node
  const entries: Node[] = []
  for (const item of node.items) {
    if (item.kind !== 'scalar') {
      entries.push(item)
      continue
    }
    const parsed = parsePorts(sprint(item))
    if (typeof parsed !== 'string') {
      grow(findings, { values: VALUES_OF_A_PORT * (parsed.length - 1) }, item.at)
      for (const port of parsed) entries.push(portEntry(port, item))
    } else if (lenient) return node
    else
      report(findings, {
        code: 'bad-port',
        message: `"${sprint(item)}" is not a port: ${parsed}`,
        hint: 'write CONTAINER, HOST:CONTAINER or IP:HOST:CONTAINER',
        ...about(item),
      })
  }
  return inherit(list(entries, node.at), node)
}

const VALUES_OF_A_PORT = 6

function portEntry(port: { hostIp: string; published: string; target: number; protocol: string }, item: Node): Node {
  const optional = (value: string): Node | undefined => (value === '' ? undefined : piece(item, value))
  const long = mapOf(
    {
      mode: piece(item, 'ingress'),
      host_ip: optional(port.hostIp),
      target: piece(item, port.target),
      published: optional(port.published),
      protocol: piece(item, port.protocol),
    },
    item.at,
  )
  return inherit(long, item)
}

const ssh: Rule = (node, { findings }) => {
  if (node.kind !== 'list') return node
  const entries = new Map<string, Entry>()
  for (const item of node.items) {
    const written = item.kind === 'scalar' ? sprint(item) : ''
    const equals = written.indexOf('=')
    const id = equals < 0 ? written : written.slice(0, equals)
    if (equals < 0 && id !== 'default')
      report(findings, {
        code: 'bad-ssh-key',
        message: `"${written}" is not an SSH key`,
        hint: 'write ID=PATH, or default',
        ...about(item),
      })
    entries.set(id, {
      key: item.at,
      value: remade(item, equals < 0 ? null : written.slice(equals + 1)),
    })
  }
  return inherit(map(entries, node.at), node)
}

/** One number for both limits, or each of them. */
const ulimit: Rule = (node, { findings }) => {
  if (node.kind === 'list' || (node.kind === 'scalar' && !isWhole(node)))
    report(findings, {
      code: 'wrong-type',
      message: 'a limit must be a whole number or a mapping',
      hint: 'write it without quotes, or as {soft: NUMBER, hard: NUMBER}',
      at: node.at,
    })
  return node
}

const isWhole = ({ value, type }: ScalarNode): boolean =>
  type !== 'float' && (typeof value === 'bigint' || Number.isInteger(value))

/** The old form `external: {name: NAME}`. */
const external: Rule = (node, { findings, path }) => {
  const written = child(node, 'external')
  if (node.kind !== 'map' || written?.kind !== 'map') return node
  const [name, inner] = [child(node, 'name'), child(written, 'name')]
  const flagged = withChild(node, 'external', remade(written, true))
  if (!inner) return flagged
  warn(findings, {
    code: 'deprecated-external-name',
    message: `${path.join('.')}: external.name is deprecated. Please set name and external: true`,
    hint: `write name: ${text(inner)} beside external: true`,
    at: inner.at,
  })
  if (!name) return withChild(flagged, 'name', inner)
  if (text(name) !== text(inner)) {
    report(findings, {
      code: 'external-name-conflict',
      message: `"${path.join('.')}" has two names: "${text(name)}" and "${text(inner)}"`,
      hint: 'keep "name" only',
      at: inner.at,
      notes: [{ message: 'the other name is here', at: name.at }],
    })
  }
  return flagged
}

/** Servers that are empty text, as an unset variable makes them, are none. */
const dns: Rule = (node) => {
  const servers = asList(node, { path: [], lenient: false, findings: noFindings() })
  if (servers.kind !== 'list') return servers
  const kept = servers.items.filter((item) => !isNull(item) && text(item) !== '')
  return kept.length === servers.items.length ? servers : inherit(list(kept, servers.at), servers)
}

type Form = 'map' | 'list' | 'text'

/** A rule for what has one of these forms. The schema sees to that, but not in a file that is only extended. */
const only =
  (forms: readonly Form[], rule: Rule): Rule =>
  (node, context) => {
    const form = node.kind === 'scalar' ? (isText(node) ? 'text' : undefined) : node.kind
    if (form && forms.includes(form)) return rule(node, context)
    const message = `"${context.path.join('.')}" must be ${forms.map((wanted) => NAMES[wanted]).join(' or ')}`
    const hint = forms[0] === 'list' ? 'write a dash before each item' : 'write its keys on the lines below it'
    report(context.findings, { code: 'wrong-type', message, hint, at: node.at })
    return node
  }

const NAMES: Readonly<Record<Form, string>> = { map: 'a mapping', list: 'a list', text: 'text' }

const mapOrText = (rule: Rule): Rule => only(['map', 'text'], rule)

/** The schema lets pass what has a name that it does not know. */
const mapOrNull =
  (rule: Rule): Rule =>
  (node, context) =>
    isNull(node) ? node : only(['map'], rule)(node, context)

const CANONICAL: Rules<Rule> = compileRules<Rule>([
  ['services.*.build', mapOrText(wrap('context'))],
  ['services.*.build.secrets.*', mapOrText(wrap('source'))],
  ['services.*.build.provenance', printed],
  ['services.*.build.sbom', printed],
  ['services.*.build.additional_contexts', pairsToMap],
  ['services.*.build.ssh', only(['map', 'list'], ssh)],
  ['services.*.depends_on', only(['map', 'list'], dependsOn)],
  ['services.*.env_file', only(['list', 'text'], envFiles)],
  ['services.*.ulimits.*', ulimit],
  ['services.*.build.ulimits.*', ulimit],
  ['services.*.label_file', asList],
  ['services.*.extends', mapOrText(wrap('service'))],
  ['services.*.gpus', only(['list', 'text'], gpus)],
  ['services.*.networks', namesToMap],
  ['services.*.models', namesToMap],
  ['services.*.volumes.*', mapOrText(volume)],
  ['services.*.dns', dns],
  ['services.*.devices.*', mapOrText(device)],
  ['services.*.secrets.*', mapOrText(wrap('source'))],
  ['services.*.configs.*', mapOrText(wrap('source'))],
  ['services.*.ports', only(['list'], ports)],
  ['services.*.develop.watch.*.ignore', asList],
  ['services.*.develop.watch.*.include', asList],
  ['volumes.*', mapOrNull(external)],
  ['networks.*', mapOrNull(external)],
  ['secrets.*', mapOrNull(external)],
  ['configs.*', mapOrNull(external)],
  ['models.*', mapOrNull((model) => model)],
])
