/** Where the values of a project come from: every value below a path, with its place, its variables, and what it replaced. */
import type { Findings } from '../findings.ts'
import { nodeAt, originAt } from '../locate.ts'
import { isMapping, type Printed } from '../print.ts'
import type { Path } from '../project.ts'
import { locationOf } from '../tree/source.ts'
import { sourceOf, type UsedVariable } from '../tree/used-variable.ts'
import type { ExplainedValue, Explanation, ValueOrigin } from './explained.ts'
import { findValue } from './find.ts'
import { replacedAt } from './replaced.ts'
import { secretVariables } from './secrecy.ts'
import type { Subject } from './subject.ts'
import { explainVariables, isPassedOn, usedAt } from './variables.ts'
import { arrivalsAt, type FindWays, findWays } from './ways.ts'

/** Undefined, and reported, when the path names nothing. */
export function explain(subject: Subject, segments: readonly string[], findings: Findings): Explanation | undefined {
  const found = findValue(subject, segments, findings)
  if (!found) return undefined
  const context: Context = { subject, secret: secretVariables(subject.root), waysOf: findWays() }
  const values = [...leaves(found.value, found.path)].map((leaf) => explainValue(leaf, context))
  return { values, arrivals: found.path.length > 2 ? [] : arrivalsAt(subject.root, elementsOf(values)) }
}

interface Context {
  readonly subject: Subject
  readonly secret: ReadonlySet<string>
  readonly waysOf: FindWays
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

/** The services, networks and so on that values are parts of. */
function elementsOf(values: readonly ExplainedValue[]): readonly Path[] {
  const elements = values.map(({ path }) => path.slice(0, 2)).filter((path) => path.length === 2)
  return [...new Map(elements.map((path) => [JSON.stringify(path), path])).values()]
}

function explainValue({ path, value }: Leaf, { subject, secret, waysOf }: Context): ExplainedValue {
  const used = usedAt(subject, path)
  return {
    path,
    value,
    origin: originOf(subject, path, used),
    through: waysOf(nodeAt(subject.root, path.slice(0, 2)), originAt(subject.root, path)),
    variables: explainVariables(used, secret),
    replaced: replacedAt(subject, path, { secret }),
  }
}

function originOf({ project, sources }: Subject, path: Path, used: readonly UsedVariable[]): ValueOrigin {
  const at = project.locate(path)
  if (path.length === 1 && path[0] === 'name') return originOfName(sources)
  if (used.some(isPassedOn)) return { kind: 'variable', ...(at && { at }) }
  if (at) return { kind: 'file', at }
  return NAMED.has(String(path[0])) && path.length === 3 && path[2] === 'name' ? { kind: 'name' } : { kind: 'default' }
}

const NAMED: ReadonlySet<string> = new Set(['networks', 'volumes', 'configs', 'secrets'])

/** The name of the project. */
function originOfName(sources: Subject['sources']): ValueOrigin {
  const source = sourceOf('COMPOSE_PROJECT_NAME', sources)
  if (source.kind === 'flag') return { kind: 'flag', flag: source.flag }
  if (source.kind === 'directory') return { kind: 'directory' }
  const at = source.kind === 'file' ? locationOf(source.at) : undefined
  return at ? { kind: 'file', at } : { kind: 'variable' }
}
