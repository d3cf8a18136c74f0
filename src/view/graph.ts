/** Who waits for whom, drawn for a terminal, for Graphviz and for Mermaid. Pure. */
import type { Dependency } from '../model/project.ts'

export interface Need extends Pick<Dependency, 'condition' | 'required'> {
  readonly serviceName: string
  readonly restart: boolean
}

/** Each service with what it needs. */
export type Needs = ReadonlyMap<string, readonly Need[]>

export function renderGraph(dependencies: Needs): string {
  const needed = new Set([...dependencies.values()].flatMap((needs) => needs.map(({ serviceName }) => serviceName)))
  const shown = new Set<string>()
  const roots = [...dependencies.keys()].filter((name) => !needed.has(name)).sort()
  return roots.map((name) => `${name}\n${branches(name, dependencies, { shown, margin: '' })}`).join('')
}

interface Drawing {
  /** Services whose needs have been drawn already. */
  readonly shown: Set<string>
  readonly margin: string
}

function branches(name: string, dependencies: Needs, { shown, margin }: Drawing): string {
  const needs = needsOf(dependencies, name)
  shown.add(name)
  return needs
    .map((need, at) => {
      const isLast = at === needs.length - 1
      const line = `${margin}${isLast ? '└─ ' : '├─ '}${need.serviceName} (${labelOf(need)})`
      const isKnown = shown.has(need.serviceName) && needsOf(dependencies, need.serviceName).length > 0
      if (isKnown) return `${line}, see above\n`
      return `${line}\n${branches(need.serviceName, dependencies, { shown, margin: `${margin}${isLast ? '   ' : '│  '}` })}`
    })
    .join('')
}

const needsOf = (dependencies: Needs, name: string): readonly Need[] =>
  [...(dependencies.get(name) ?? [])].sort((a, b) => (a.serviceName < b.serviceName ? -1 : 1))

const CONDITIONS = {
  service_started: 'started',
  service_healthy: 'healthy',
  service_completed_successfully: 'completed',
} as const satisfies Record<Need['condition'], string>

function labelOf({ condition, required, restart }: Need): string {
  return [CONDITIONS[condition], ...(required ? [] : ['optional']), ...(restart ? ['restarts with it'] : [])].join(', ')
}

/** For Graphviz. What is optional is dashed. */
export function renderDot(projectName: string, dependencies: Needs): string {
  const nodes = [...dependencies.keys()].sort().map((name) => `  ${JSON.stringify(name)};\n`)
  const edges = edgesOf(dependencies).map(([name, need]) => {
    const style = need.required ? '' : ', style=dashed'
    const [from, to, label] = [name, need.serviceName, labelOf(need)].map((text) => JSON.stringify(text))
    return `  ${from} -> ${to} [label=${label}${style}];\n`
  })
  return `digraph ${JSON.stringify(projectName)} {\n  rankdir=LR;\n  node [shape=box];\n${[...nodes, ...edges].join('')}}\n`
}

/** For Mermaid, where some names are words of its own: nodes are numbered. */
export function renderMermaid(dependencies: Needs): string {
  const names = [
    ...new Set([...dependencies.keys(), ...edgesOf(dependencies).map(([, need]) => need.serviceName)]),
  ].sort()
  const node = (name: string): string => `s${names.indexOf(name) + 1}`
  const nodes = names.map((name) => `  ${node(name)}["${name}"]\n`)
  const edges = edgesOf(dependencies).map(
    ([name, need]) => `  ${node(name)} ${need.required ? '-->' : '-.->'}|${labelOf(need)}| ${node(need.serviceName)}\n`,
  )
  return `flowchart LR\n${[...nodes, ...edges].join('')}`
}

function edgesOf(dependencies: Needs): readonly (readonly [string, Need])[] {
  return [...dependencies.keys()]
    .sort()
    .flatMap((name) => needsOf(dependencies, name).map((need) => [name, need] as const))
}
