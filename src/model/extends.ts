/**
 * `extends`: a service laid over another one, of the same file or of another.
 * https://github.com/compose-spec/compose-spec/blob/main/05-services.md#extends
 */
import { grow, sizeOf } from './extent.ts'
import { type Findings, report } from './findings.ts'
import { LONGEST_CHAIN } from './limits.ts'
import { mergeAt } from './merge.ts'
import { suggest } from './nearest.ts'
import { about } from './provenance.ts'
import { applyResets, type Resets, rememberReplaced, resetsBelow } from './reset.ts'
import { cameIn } from './tree/history.ts'
import {
  child,
  isNull,
  type MapNode,
  map,
  type Node,
  type Origin,
  type Passage,
  text,
  withChild,
  withoutChild,
} from './tree/node.ts'

/** One file's services, and what its `!reset` and `!override` tags say. */
export interface ServiceSet {
  readonly file: string
  readonly services: MapNode
  readonly resets: Resets
}

export interface ExtendsContext {
  readonly findings: Findings
  /** The services of another file, paths already relative to the project; undefined (and reported) when it can't be read. */
  readonly open: (path: Node) => ServiceSet | undefined
}

export function applyExtends(root: MapNode, own: Omit<ServiceSet, 'services'>, context: ExtendsContext): MapNode {
  const services = child(root, 'services')
  if (services && isNull(services)) {
    const hint = 'remove the line, or name a service'
    report(context.findings, { code: 'wrong-type', message: '"services" must be a mapping', hint, at: services.at })
  }
  if (services?.kind !== 'map') return root
  const set: ServiceSet = { ...own, services }
  const done = new Map<string, Node>()
  const entries = new Map(services.entries)
  for (const [name, entry] of services.entries) {
    const value = extendService(name, set, { ...context, trail: [], done })
    if (value && value !== entry.value) entries.set(name, { key: entry.key, value })
  }
  return withChild(root, 'services', map(entries, services.at))
}

interface Walk extends ExtendsContext {
  /** Which service was being extended when this one was asked for. */
  readonly trail: readonly Step[]
  /** Services already extended, by file and name. */
  readonly done: Map<string, Node>
}

interface Step {
  readonly file: string
  readonly service: string
  readonly at: Origin | undefined
}

function extendService(name: string, set: ServiceSet, walk: Walk): Node | undefined {
  const service = child(set.services, name)
  const written = child(service, 'extends')
  if (service?.kind !== 'map' || !written || isNull(written)) return service
  const key = JSON.stringify([set.file, name])
  const known = walk.done.get(key)
  if (known) return known
  const merged = extendOne(name, service, written, { set, walk })
  walk.done.set(key, merged)
  return merged
}

function extendOne(
  name: string,
  service: MapNode,
  written: Node,
  { set, walk }: { set: ServiceSet; walk: Walk },
): MapNode {
  const { findings } = walk
  const alone = withoutChild(service, 'extends')
  const ref = written.kind === 'scalar' ? text(written) : text(child(written, 'service'))
  if (ref === undefined) {
    report(findings, {
      code: 'bad-extends',
      message: `"extends" of service "${name}" does not name a service`,
      hint: 'write extends: {service: NAME}',
      at: written.at,
    })
    return alone
  }
  const step = { file: set.file, service: name, at: written.at }
  if (walk.trail.some((earlier) => earlier.file === step.file && earlier.service === step.service)) {
    reportCycle([...walk.trail, step], findings)
    return alone
  }
  if (walk.trail.length > LONGEST_CHAIN) {
    reportChain(step, findings)
    return alone
  }
  const file = child(written, 'file')
  const baseSet = file && !isNull(file) ? walk.open(file) : set
  if (!baseSet) return alone
  const base = findBase(ref, baseSet, { name, written, walk: { ...walk, trail: [...walk.trail, step] } })
  if (base?.kind !== 'map') return base ? service : alone
  const resets = resetsBelow(['services', name], set.resets)
  const merged = mergeAt(applyResets(base, resets), service, ['services', name], findings)
  if (merged.kind !== 'map') return alone
  grow(findings, sizeOf(merged), written.at)
  const passage: Passage = { kind: 'extends', service: ref, at: written.at, from: base }
  return cameIn(withoutChild(rememberReplaced(merged, base, resets), 'extends'), [...(service.via ?? []), passage])
}

function findBase(
  ref: string,
  set: ServiceSet,
  { name, written, walk }: { name: string; written: Node; walk: Walk },
): Node | undefined {
  if (set.services.entries.has(ref)) return extendService(ref, set, walk)
  const file = text(child(written, 'file'))
  report(walk.findings, {
    code: 'extends-undefined',
    message: `service "${name}" extends "${ref}", which ${file === undefined ? 'does not exist' : `is not in "${file}"`}`,
    hint: () => suggest(ref, set.services.entries.keys(), 'check the name'),
    ...about(child(written, 'service') ?? written),
  })
  return undefined
}

function reportChain({ service, at }: Step, findings: Findings): void {
  report(findings, {
    code: 'chain-too-long',
    message: `service "${service}" is the end of more than ${LONGEST_CHAIN} services that extend each other`,
    hint: 'put what they have in common into one service',
    at,
  })
}

function reportCycle(trail: readonly Step[], findings: Findings): void {
  const last = trail.at(-1)
  const start = trail.findIndex((step) => step.file === last?.file && step.service === last?.service)
  const circle = trail.slice(start)
  const steps = circle.slice(0, -1)
  report(findings, {
    code: 'extends-cycle',
    message: `services extend each other in a circle: ${circle.map((step) => step.service).join(' -> ')}`,
    hint: 'take one "extends" out of it',
    at: last?.at,
    notes: steps.slice(1).map(({ service, at }) => ({ message: `"${service}" extends here`, at })),
  })
}
