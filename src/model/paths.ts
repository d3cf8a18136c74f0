/** Relative paths become absolute, from the project's directory; `~` is the home directory. */
import { join } from 'node:path'
import { LONGEST_PATH } from './limits.ts'
import type { FileReader } from './reader.ts'
import { remade } from './tree/history.ts'
import { child, mapItems, mapValues, type Node, text, withChild } from './tree/node.ts'
import { below, compileRules, type Rules } from './tree/rules.ts'

export interface Places {
  /** What relative paths are relative to; itself relative while documents are still being put together. */
  readonly base: string
  readonly home: string | undefined
  readonly reader: FileReader
}

type Rule = (node: Node, places: Places) => Node

export function resolvePaths(root: Node, places: Places): Node {
  const visit = (node: Node, rules: Rules<Rule> | undefined): Node => {
    if (!rules) return node
    if (rules.rule) return rules.rule(node, places)
    if (node.kind === 'map') return mapValues(node, (value, key) => visit(value, below(rules, key)))
    return node.kind === 'list' ? mapItems(node, (item) => visit(item, rules.any)) : node
  }
  return visit(root, PATHS)
}

const onText =
  (change: (path: string, places: Places) => string): Rule =>
  (node, places) => {
    const path = text(node)
    return path === undefined ? node : withPath(node, change(path, places))
  }

const withPath = (node: Node, path: string): Node => (text(node) === path ? node : remade(node, path))

const expandHome = (path: string, { home }: Places): string =>
  path.startsWith('~') && home !== undefined ? trimSlash(join(home, path.slice(1))) : path

function absolute(path: string, places: Places): string {
  const expanded = expandHome(path, places)
  return expanded === '' || expanded.startsWith('/') ? expanded : trimSlash(join(places.base, expanded))
}

/** A path of the host may be a Windows one, even when this is not Windows. */
function hostPath(path: string, places: Places): string {
  const expanded = expandHome(path, places)
  const known = expanded.startsWith('/') || /^[A-Za-z]:[\\/]/.test(expanded) || expanded.startsWith('\\\\')
  return known ? expanded : trimSlash(join(places.base, expanded))
}

const trimSlash = (path: string): string => (path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path)

const REMOTE = /^(https?:\/\/|git:\/\/|ssh:\/\/|github\.com\/|git@)/

const contextPath = (path: string, places: Places): string =>
  path.includes('://') || path.startsWith('service:') || REMOTE.test(path) ? path : absolute(path, places)

/** A watched path is followed through the first symbolic link on its way. */
function watchedPath(path: string, places: Places): string {
  const whole = absolute(path, places)
  if (!whole.startsWith('/') || whole.length > LONGEST_PATH) return whole
  let walked = ''
  for (const part of whole.split('/').filter((name) => name !== '')) {
    const next = join('/', walked, part)
    const real = places.reader.realpath(next)
    if (real !== next) return whole.replace(next, real)
    walked = next
  }
  return whole
}

const mountSource: Rule = (node, places) => {
  const source = child(node, 'source')
  const path = text(source)
  if (node.kind !== 'map' || text(child(node, 'type')) !== 'bind' || !source || path === undefined) return node
  return withChild(node, 'source', withPath(source, hostPath(path, places)))
}

/** A volume of the local driver may be a bind mount in disguise. */
const volumeDevice: Rule = (node, places) => {
  const options = child(node, 'driver_opts')
  const device = child(options, 'device')
  const path = text(device)
  if (node.kind !== 'map' || options?.kind !== 'map' || !device || path === undefined) return node
  if (text(child(node, 'driver')) !== 'local' || text(child(options, 'o')) !== 'bind') return node
  return withChild(node, 'driver_opts', withChild(options, 'device', withPath(device, hostPath(path, places))))
}

const PATHS: Rules<Rule> = compileRules<Rule>([
  ['services.*.build.context', onText(contextPath)],
  ['services.*.build.additional_contexts.*', onText(contextPath)],
  ['services.*.build.ssh.*', onText(hostPath)],
  ['services.*.env_file.*.path', onText(absolute)],
  ['services.*.label_file.*', onText(absolute)],
  ['services.*.extends.file', onText(absolute)],
  ['services.*.develop.watch.*.path', onText(watchedPath)],
  ['services.*.volumes.*', mountSource],
  ['configs.*.file', onText(hostPath)],
  ['secrets.*.file', onText(hostPath)],
  ['volumes.*', volumeDevice],
])
