/** The phase that replaces variables in every text of a document (values only, never keys) and casts what the schema wants as another type. */
import { type Findings, report, warn } from '../findings.ts'
import { piece, withUsed } from '../tree/history.ts'
import { mapItems, mapValues, type Node, type Origin, type ScalarNode } from '../tree/node.ts'
import { below, compileRules, type Rules } from '../tree/rules.ts'
import { type Sources, sourceOf, type UsedVariable, type VariableSource } from '../tree/used-variable.ts'
import { CASTS, type CastRule } from './cast.ts'
import { substitute, type Taken, TemplateError } from './template.ts'

export type Variables = ReadonlyMap<string, string>

const CAST_RULES: Rules<CastRule> = compileRules(CASTS)

export function interpolate(root: Node, environment: Known, findings: Findings): Node {
  const visit = (node: Node, rules: Rules<CastRule> | undefined): Node => {
    switch (node.kind) {
      case 'map':
        return mapValues(node, (value, key) => visit(value, below(rules, key)))
      case 'list':
        return mapItems(node, (item) => visit(item, below(rules, '[]')))
      case 'scalar':
        return typeof node.value === 'string'
          ? interpolateText(node, node.value, { environment, findings, rule: rules?.rule })
          : node
    }
  }
  return visit(root, CAST_RULES)
}

/** Variables, and where those come from that are not the process's own. */
interface Known {
  readonly variables: Variables
  readonly sources: Sources
}

interface Setting {
  readonly environment: Known
  readonly findings: Findings
  readonly rule: CastRule | undefined
}

function interpolateText(node: ScalarNode, template: string, { environment, findings, rule }: Setting): Node {
  const replaced = template.includes('$') ? replaceVariables(node, template, environment, findings) : node
  const { value } = replaced
  if (!rule || typeof value !== 'string') return replaced
  const cast = rule.cast(value, (message, hint) =>
    warn(findings, { code: 'yaml-1.1-boolean', message, hint, at: node.at }),
  )
  if (cast !== undefined) return piece(replaced, cast)
  report(findings, { code: 'wrong-type', message: `"${value}" is not ${rule.wanted}`, at: node.at })
  return node
}

/** The text with its variables replaced; the same node where nothing changes. */
function replaceVariables(
  node: ScalarNode,
  template: string,
  { variables, sources }: Known,
  findings: Findings,
): ScalarNode {
  const unset = (name: string): void =>
    warn(findings, {
      code: 'unset-variable',
      message: unsetMessage(name),
      at: within(node.at, template, template.indexOf(name)),
    })
  const used: UsedVariable[] = []
  const note = (name: string, value: string, how: Taken): void => {
    const from: VariableSource = how === 'value' ? sourceOf(name, sources) : { kind: how }
    used.push({ name, value, from, template })
  }
  try {
    const value = substitute(template, { value: (name) => variables.get(name), unset, used: note })
    return value === template && used.length === 0 ? node : withUsed({ kind: 'scalar', at: node.at, value }, used)
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    reportTemplate(error, { node, template, findings })
    return node
  }
}

/** Docker Compose's own sentence: scripts look for it. */
const unsetMessage = (name: string): string => `The "${name}" variable is not set. Defaulting to a blank string.`

function reportTemplate(
  error: TemplateError,
  { node, template, findings }: { node: ScalarNode; template: string; findings: Findings },
): void {
  const at = within(node.at, template, error.offset)
  if (error.kind === 'invalid') {
    report(findings, {
      code: 'invalid-interpolation',
      message: error.message,
      hint: 'write $$ for a dollar sign that is only text',
      at,
    })
    return
  }
  const name = error.variable ?? ''
  const reason = error.message === '' ? '' : `: ${error.message}`
  report(findings, {
    code: 'required-variable',
    message: `required variable "${name}" is missing a value${reason}`,
    hint: `set it in the environment or in .env: ${name}=...`,
    at,
  })
}

/** The place inside a scalar, where its text stands in the file as it is. */
function within(at: Origin | undefined, template: string, offset: number): Origin | undefined {
  if (!at || offset < 0) return at
  const start = at.source.text.indexOf(template, at.start)
  return start < 0 || start > at.start + 1
    ? at
    : { source: at.source, start: start + offset, end: start + template.length }
}
