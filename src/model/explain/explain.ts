/** Where the values of a project come from: every value below a path, with its place, its variables, and what it replaced. */
import type { Findings } from '../findings.ts'
import { sprint } from '../go-format.ts'
import { nodeAt } from '../locate.ts'
import { isMapping, type Printed } from '../print.ts'
import type { Path, Project } from '../project.ts'
import type { MapNode, Node } from '../tree/node.ts'
import { locationOf } from '../tree/source.ts'
import type { UsedVariable } from '../tree/used-variable.ts'
import type {
  Arrival,
  ExplainedValue,
  ExplainedVariable,
  Explanation,
  ReplacedValue,
  ValueOrigin,
} from './explained.ts'
import { findValue } from './find.ts'

export interface Subject {
  readonly project: Project
  /** The nodes that the project was made of. */
  readonly root: MapNode
}

/** Undefined, and reported, when the path names nothing. */
export function explain(subject: Subject, segments: readonly string[], findings: Findings): Explanation | undefined {
  const found = findValue(subject.project, segments, findings)
  if (!found) return undefined
  const values = [...leaves(found.value, found.path)].map((leaf) => explainValue(subject, leaf))
  return { values, arrivals: arrivalsAt(subject.root, found.path) }
}

interface Leaf {
  readonly path: Path
  readonly value: ExplainedValue['value']
}

function* leaves(value: Printed, path: Path): Generator<Leaf> {
  if (Array.isArray(value)) {
    if (value.length === 0) yield { path, value: '[]' }
    for (const [index, item] of value.entries()) yield* leaves(item, [...path, index])
  } else if (isMapping(value)) {
    if (value.size === 0) yield { path, value: '{}' }
    for (const [key, item] of value) yield* leaves(item, [...path, key])
  } else yield { path, value: typeof value === 'bigint' ? String(value) : (value as Leaf['value']) }
}

function explainValue(subject: Subject, { path, value }: Leaf): ExplainedValue {
  const node = nodeAt(subject.root, path)
  const used = node?.kind === 'scalar' ? (node.used ?? []) : []
  return {
    path,
    value,
    origin: originOf(subject, path, node),
    variables: used.map(explainVariable),
    replaced: replacedBy(subject.root, path),
  }
}

function originOf({ project }: Subject, path: Path, node: Node | undefined): ValueOrigin {
  const at = project.locate(path)
  const variable = node?.kind === 'scalar' ? node.used?.find(({ template }) => template === '') : undefined
  if (variable) return { kind: 'variable', ...(at && { at }) }
  if (at) return { kind: 'file', at }
  return NAMED.has(String(path[0])) && path.length === 3 && path[2] === 'name' ? { kind: 'name' } : { kind: 'default' }
}

const NAMED: ReadonlySet<string> = new Set(['networks', 'volumes', 'configs', 'secrets'])

function explainVariable({ name, value, from, template }: UsedVariable): ExplainedVariable {
  const at = from.kind === 'file' ? locationOf(from.at) : undefined
  return { name, value, from: from.kind, template, ...(at && { at }) }
}

/** What the value replaced, and what a list or mapping did that it stands in: the nearest of these that replaced anything. */
function replacedBy(root: MapNode, path: Path): readonly ReplacedValue[] {
  for (let length = path.length; length > 2; length--) {
    const node = nodeAt(root, path.slice(0, length))
    if (node?.over) return [...chainOf(node.over)].map(replaced)
  }
  return []
}

function* chainOf(node: Node): Generator<Node> {
  for (let at: Node | undefined = node; at; at = at.over) yield at
}

function replaced(node: Node): ReplacedValue {
  const at = locationOf(node.at)
  return { value: summaryOf(node), ...(at && { at }) }
}

function summaryOf(node: Node): string {
  if (node.kind === 'map') return `{${[...node.entries.keys()].join(', ')}}`
  if (node.kind === 'list') return `[${node.items.map(summaryOf).join(', ')}]`
  return node.value === null ? 'null' : sprint(node)
}

/** The ways on which the elements came in that the path leads through or to. */
function arrivalsAt(root: MapNode, path: Path): readonly Arrival[] {
  return path.flatMap((_, index) => {
    const upTo = path.slice(0, index + 1)
    const node = nodeAt(root, upTo)
    return node ? [...arrivalsOf(node, upTo)] : []
  })
}

function* arrivalsOf(node: Node, path: Path): Generator<Arrival> {
  for (const { kind, service, at: asked, from } of node.via ?? []) {
    const at = locationOf(asked)
    yield { path, kind, ...(service === undefined ? {} : { service }), ...(at && { at }) }
    yield* arrivalsOf(from, path)
  }
}
