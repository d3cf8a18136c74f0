/**
 * The parser's tree to ours: aliases and merge keys resolved, `!reset` and `!override` taken out and remembered, duplicate and
 * non-text keys refused, and a document that would grow without end through its aliases refused before it does.
 */
import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type YAMLMap,
  type YAMLSeq,
  type Node as YamlNode,
  type Scalar as YamlScalar,
} from 'yaml'
import { type Findings, fail, report } from '../findings.ts'
import type { Path } from '../project.ts'
import type { Entry, MapNode, Node, Origin } from '../tree/node.ts'
import { list, map } from '../tree/node.ts'
import type { Source } from '../tree/source.ts'
import { resolvePlain } from './scalar.ts'
import { resolveTagged } from './tag.ts'

export interface DocumentTree {
  readonly root: Node
  /** Paths whose value, in what this document is laid over, is dropped: the places of `!reset` and `!override`. */
  readonly resets: readonly Path[]
}

/** Deeper nesting has no meaning in a Compose file and breaks recursive programs. */
const DEEPEST = 200
/** Counted with every alias written out. */
const MOST_NODES = 1_000_000

interface Expansion {
  readonly source: Source
  readonly findings: Findings
  readonly anchors: Map<string, Anchor>
  readonly resets: Path[]
  /** Nodes made so far, aliases written out. */
  count: number
}

/** A value that has a name, and what an alias to it brings along. */
interface Anchor {
  readonly node: Node | undefined
  readonly resets: readonly Path[]
  readonly count: number
}

export function expand(contents: unknown, source: Source, findings: Findings): DocumentTree {
  const expansion: Expansion = { source, findings, anchors: new Map(), resets: [], count: 0 }
  const root = expandNode(contents as YamlNode | null, [], expansion)
  return { root: root ?? { kind: 'scalar', at: undefined, value: null }, resets: expansion.resets }
}

const RESET = '!reset'
const OVERRIDE = '!override'

/** Undefined for a value that `!reset` takes away. */
function expandNode(yaml: YamlNode | null, path: Path, into: Expansion): Node | undefined {
  if (++into.count > MOST_NODES) tooBig(into)
  if (path.length > DEEPEST)
    fail({ code: 'yaml-too-deep', message: `more than ${DEEPEST} levels of nesting`, at: originOf(yaml, into) })
  if (yaml && isAlias(yaml)) return expandAlias(yaml, path, into)
  const [firstReset, firstCount] = [into.resets.length, into.count]
  const node = expandTagged(yaml, path, into)
  const anchor = yaml && 'anchor' in yaml ? yaml.anchor : undefined
  if (anchor) {
    const resets = into.resets.slice(firstReset).map((reset) => reset.slice(path.length))
    into.anchors.set(anchor, { node, resets, count: into.count - firstCount + 1 })
  }
  return node
}

function expandTagged(yaml: YamlNode | null, path: Path, into: Expansion): Node | undefined {
  const tag = yaml?.tag
  if (tag === RESET || tag === OVERRIDE) into.resets.push(path)
  if (tag === RESET) return undefined
  if (yaml && isMap(yaml)) return expandMap(yaml, path, into)
  if (yaml && isSeq(yaml)) return expandSeq(yaml, path, into)
  return expandScalar(yaml as YamlScalar | null, into)
}

function expandAlias(alias: Alias, path: Path, into: Expansion): Node | undefined {
  const anchor = into.anchors.get(alias.source)
  if (!anchor) {
    // The parser has made sure that the anchor stands before its alias: it can only be one that is not finished.
    return fail({
      code: 'yaml-alias-cycle',
      message: `the alias "*${alias.source}" stands inside the value it names`,
      at: originOf(alias, into),
    })
  }
  into.count += anchor.count
  if (into.count > MOST_NODES) tooBig(into)
  for (const reset of anchor.resets) into.resets.push([...path, ...reset])
  return anchor.node
}

const tooBig = ({ source }: Expansion): never =>
  fail({
    code: 'yaml-too-big',
    message: `"${source.name}" has more than ${MOST_NODES} values when its aliases are written out`,
    hint: 'use fewer aliases inside aliased values',
  })

function expandSeq(yaml: YAMLSeq, path: Path, into: Expansion): Node {
  const items: Node[] = []
  for (const [index, item] of yaml.items.entries()) {
    const node = expandNode(item as YamlNode | null, [...path, index], into)
    if (node) items.push(node)
  }
  return list(items, originOf(yaml, into))
}

function expandMap(yaml: YAMLMap, path: Path, into: Expansion): Node {
  const entries = new Map<string, Entry>()
  const seen = new Map<string, Origin | undefined>()
  let merge: YamlNode | undefined
  for (const pair of yaml.items) {
    const written = pair.key as YamlNode | null
    const key = readKey(written, path, into)
    if (key === undefined) continue
    const at = originOf(written, into)
    if (seen.has(key)) reportDuplicate(key, at, seen.get(key), into)
    seen.set(key, at)
    if (isMergeKey(written)) merge = pair.value as YamlNode
    else {
      const value = expandNode(pair.value as YamlNode | null, [...path, key], into)
      if (value) entries.set(key, { key: at, value })
    }
  }
  if (merge) mergeInto(entries, merge, path, into)
  return map(entries, originOf(yaml, into))
}

/** `<<`: keys of the mapping itself win, then those of the first merged mapping. */
function mergeInto(entries: Map<string, Entry>, merge: YamlNode, path: Path, into: Expansion): void {
  const value = expandNode(merge, path, into)
  const sources = value?.kind === 'list' ? value.items : value ? [value] : []
  for (const source of sources) {
    if (source.kind !== 'map') {
      report(into.findings, {
        code: 'yaml-merge',
        message: '"<<" takes a mapping or a list of mappings',
        at: originOf(merge, into),
      })
      return
    }
    for (const [key, entry] of (source as MapNode).entries) if (!entries.has(key)) entries.set(key, entry)
  }
}

function reportDuplicate(
  key: string,
  at: Origin | undefined,
  first: Origin | undefined,
  { source, findings }: Expansion,
): void {
  const line = first ? source.text.slice(0, first.start).split('\n').length : 0
  report(findings, {
    code: 'duplicate-key',
    message: `the key "${key}" is already there in line ${line}`,
    hint: 'keep one of the two',
    at,
  })
}

function readKey(yaml: YamlNode | null, path: Path, into: Expansion): string | undefined {
  if (isMergeKey(yaml)) return '<<'
  const node = keyNode(yaml, path, into)
  if (node?.kind === 'scalar' && typeof node.value === 'string') return node.value
  const shown = yaml && isScalar(yaml) ? `${yaml.source ?? ''}` : 'a collection'
  report(into.findings, {
    code: 'non-string-key',
    message: `the key "${shown}" is not text`,
    hint: `write it in quotes: "${shown}"`,
    at: originOf(yaml, into),
  })
  return undefined
}

function keyNode(yaml: YamlNode | null, path: Path, into: Expansion): Node | undefined {
  if (yaml && isAlias(yaml)) return into.anchors.get(yaml.source)?.node
  return yaml && isScalar(yaml) ? expandNode(yaml, path, into) : undefined
}

const isMergeKey = (yaml: YamlNode | null): boolean => isPlain(yaml) && (yaml as YamlScalar).value === '<<'

const isPlain = (yaml: YamlNode | null): boolean => isScalar(yaml) && (yaml.type === 'PLAIN' || yaml.type === undefined)

function expandScalar(yaml: YamlScalar | null, into: Expansion): Node {
  const at = originOf(yaml, into)
  const source = yaml?.source ?? (typeof yaml?.value === 'string' ? yaml.value : '')
  if (!yaml) return { kind: 'scalar', at, value: null }
  const resolved = yaml.tag?.startsWith('tag:yaml.org,2002:')
    ? resolveTagged(yaml.tag.slice(18), source, into.findings, at)
    : isPlain(yaml) && !yaml.tag?.startsWith('!')
      ? resolvePlain(source)
      : { value: source }
  return { kind: 'scalar', at, ...resolved }
}

function originOf(yaml: YamlNode | null | undefined, { source }: Expansion): Origin | undefined {
  const range = yaml?.range
  return range ? { source, start: range[0], end: Math.max(range[0] + 1, range[1]) } : undefined
}
