/** What an attribute says when the user leaves part of it out. */
import { withDefaults } from './canonical.ts'
import { child, mapItems, mapValues, type Node, scalar, text } from './tree/node.ts'
import { below, compileRules, type Rules } from './tree/rules.ts'

type Rule = (node: Node) => Node

export function setDefaults(root: Node): Node {
  const visit = (node: Node, rules: Rules<Rule> | undefined): Node => {
    if (!rules) return node
    if (rules.rule) return rules.rule(node)
    if (node.kind === 'map') return mapValues(node, (value, key) => visit(value, below(rules, key)))
    return node.kind === 'list' ? mapItems(node, (item) => visit(item, rules.any)) : node
  }
  return visit(root, DEFAULTS)
}

const defaulting =
  (defaults: Readonly<Record<string, Node>>): Rule =>
  (node) =>
    node.kind === 'map' ? withDefaults(node, defaults) : node

const secretTarget: Rule = (node) =>
  node.kind === 'map'
    ? withDefaults(node, { target: scalar(`/run/secrets/${text(child(node, 'source')) ?? ''}`) })
    : node

const deviceCount: Rule = (node) =>
  child(node, 'device_ids') || node.kind !== 'map' ? node : withDefaults(node, { count: scalar('all') })

const DEFAULTS: Rules<Rule> = compileRules<Rule>([
  ['services.*.build', defaulting({ context: scalar('.') })],
  ['services.*.secrets.*', secretTarget],
  ['services.*.ports.*', defaulting({ protocol: scalar('tcp'), mode: scalar('ingress') })],
  ['services.*.deploy.resources.reservations.devices.*', deviceCount],
  ['services.*.gpus.*', deviceCount],
])
