/** The phase that replaces variables in every text of a document (values only, never keys) and casts what the schema wants as another type. */
import { grow } from '../extent.ts'
import { type Findings, report, warn, warnAt } from '../findings.ts'
import { about } from '../provenance.ts'
import { piece, withUsed } from '../tree/history.ts'
import { mapItems, mapValues, type Node, type ScalarNode } from '../tree/node.ts'
import { below, compileRules, type Rules } from '../tree/rules.ts'
import { type Sources, sourceOf, type UsedVariable, type VariableSource } from '../tree/used-variable.ts'
import { CASTS, type CastRule } from './cast.ts'
import { describeTemplateError, describeUnset, firstReference, within } from './describe.ts'
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
  report(findings, {
    code: 'wrong-type',
    message: `"${value}" is not ${rule.wanted}`,
    hint: `write ${rule.example}`,
    ...about(replaced),
  })
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
    warnAt(findings, describeUnset(name), () => within(node.at, template, firstReference(template, name)))
  const used: UsedVariable[] = []
  const note = (name: string, value: string, how: Taken): void => {
    const from: VariableSource = how === 'value' ? sourceOf(name, sources) : { kind: how }
    used.push({ name, value, from, template })
  }
  try {
    const value = substitute(template, { value: (name) => variables.get(name), unset, used: note })
    grow(findings, { values: used.length, characters: value.length }, node.at)
    return value === template && used.length === 0 ? node : withUsed({ kind: 'scalar', at: node.at, value }, used)
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    report(findings, { ...describeTemplateError(error), at: within(node.at, template, error.offset) })
    return node
  }
}
