/** Fills a parsed template with data. Pure. */
import { FUNCTIONS, type TemplateFunction, TemplateValueError } from './functions.ts'
import type { Command, Node, Pipeline, Term } from './parse.ts'
import { goText, isTruthy } from './values.ts'

interface Scope {
  readonly dot: unknown
  readonly variables: Map<string, unknown>
  readonly functions: Readonly<Record<string, TemplateFunction>>
}

/** `more` stands beside the functions that all templates have. */
export function runTemplate(
  nodes: readonly Node[],
  data: unknown,
  more: Readonly<Record<string, TemplateFunction>> = {},
): string {
  return run(nodes, { dot: data, variables: new Map([['$', data]]), functions: { ...FUNCTIONS, ...more } })
}

function run(nodes: readonly Node[], scope: Scope): string {
  return nodes.map((node) => runNode(node, scope)).join('')
}

function runNode(node: Node, scope: Scope): string {
  switch (node.kind) {
    case 'text':
      return node.text
    case 'print': {
      const value = evaluate(node.pipeline, scope)
      const [name] = node.pipeline.variables
      if (name === undefined) return goText(value)
      scope.variables.set(name, value)
      return ''
    }
    case 'if':
    case 'with': {
      const value = evaluate(node.pipeline, scope)
      const dot = node.kind === 'with' ? value : scope.dot
      if (!isTruthy(value)) return run(node.otherwise, inner(scope))
      return run(node.body, { ...inner(scope, named(node.pipeline.variables, [value])), dot })
    }
    case 'range': {
      const entries = entriesOf(evaluate(node.pipeline, scope))
      if (entries.length === 0) return run(node.otherwise, inner(scope))
      return entries.map((entry) => runOnce(node.body, { entry, names: node.pipeline.variables }, scope)).join('')
    }
  }
}

type Entry = readonly [key: unknown, value: unknown]

function runOnce(
  body: readonly Node[],
  { entry, names }: { readonly entry: Entry; readonly names: readonly string[] },
  scope: Scope,
): string {
  const values = names.length === 1 ? [entry[1]] : entry
  return run(body, { ...inner(scope, named(names, values)), dot: entry[1] })
}

const named = (names: readonly string[], values: readonly unknown[]): readonly (readonly [string, unknown])[] =>
  names.map((name, at) => [name, values[at]])

/** What is set in it is gone after it. */
function inner(scope: Scope, more: readonly (readonly [string, unknown])[] = []): Scope {
  return { ...scope, variables: new Map([...scope.variables, ...more]) }
}

/** Of a map in the order of its keys. */
function entriesOf(value: unknown): readonly Entry[] {
  if (value === null || value === undefined) return []
  if (Array.isArray(value)) return value.map((one, at) => [at, one])
  if (typeof value === 'object') return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  throw new TemplateValueError(`range can't iterate over ${goText(value)}`)
}

function evaluate({ commands }: Pipeline, scope: Scope): unknown {
  let last: readonly unknown[] = []
  for (const command of commands) last = [runCommand(command, scope, last)]
  return last[0]
}

function runCommand([first, ...rest]: Command, scope: Scope, piped: readonly unknown[]): unknown {
  const values = [...rest.map((term) => termValue(term, scope)), ...piped]
  if (first?.kind === 'function') return call(first.name, values, scope)
  const value = termValue(first as Term, scope)
  if (typeof value === 'function') return value(...values)
  if (values.length > 0) throw new TemplateValueError("can't give argument to non-function")
  return value
}

function call(name: string, values: readonly unknown[], { functions }: Scope): unknown {
  const found = Object.hasOwn(functions, name) ? functions[name] : undefined
  if (found === undefined) throw new TemplateValueError(`function "${name}" not defined`)
  return found(...values)
}

function termValue(term: Term, scope: Scope): unknown {
  switch (term.kind) {
    case 'literal':
      return term.value
    case 'function':
      return call(term.name, [], scope)
    case 'field':
      return term.path.reduce(fieldOf, startOf(term.from, scope))
  }
}

function startOf(from: (Term & { readonly kind: 'field' })['from'], scope: Scope): unknown {
  switch (from.kind) {
    case 'dot':
      return scope.dot
    case 'pipeline':
      return evaluate(from.pipeline, scope)
    case 'variable':
      if (!scope.variables.has(from.name)) throw new TemplateValueError(`undefined variable "${from.name}"`)
      return scope.variables.get(from.name)
  }
}

function fieldOf(value: unknown, name: string): unknown {
  if (value === null || value === undefined) throw new TemplateValueError(`nil data; no entry for key "${name}"`)
  if (typeof value !== 'object' || Array.isArray(value))
    throw new TemplateValueError(`can't evaluate field ${name} in ${goText(value)}`)
  if (!Object.hasOwn(value, name)) throw new TemplateValueError(`there is no field ".${name}"`)
  return (value as Record<string, unknown>)[name]
}
