/**
 * Tables of rules keyed by path patterns: `services.*.ports`. A table is compiled to a tree, and a phase walks that tree and the
 * document together, so that a part of the document no rule speaks of is never visited.
 */

export interface Rules<Rule> {
  readonly rule: Rule | undefined
  readonly keys: ReadonlyMap<string, Rules<Rule>>
  /** What `*` matches: any key, any item. */
  readonly any: Rules<Rule> | undefined
}

interface Draft<Rule> {
  rule: Rule | undefined
  keys: Map<string, Draft<Rule>>
  any: Draft<Rule> | undefined
}

export function compileRules<Rule>(table: readonly (readonly [pattern: string, rule: Rule])[]): Rules<Rule> {
  const root = draft<Rule>()
  for (const [pattern, rule] of table) insert(root, pattern.split('.'), rule)
  spreadAny(root)
  return root
}

/** The rules below a key; undefined when there are none. */
export const below = <Rule>(rules: Rules<Rule> | undefined, key: string): Rules<Rule> | undefined =>
  rules && (rules.keys.get(key) ?? rules.any)

const draft = <Rule>(): Draft<Rule> => ({ rule: undefined, keys: new Map(), any: undefined })

function insert<Rule>(root: Draft<Rule>, parts: readonly string[], rule: Rule): void {
  let at = root
  for (const part of parts) {
    let next = part === '*' ? at.any : at.keys.get(part)
    if (!next) {
      next = draft()
      if (part === '*') at.any = next
      else at.keys.set(part, next)
    }
    at = next
  }
  at.rule = rule
}

/** What holds for any key holds below a named key too, unless that says otherwise. */
function spreadAny<Rule>(at: Draft<Rule>): void {
  for (const named of at.keys.values()) {
    if (at.any) overlay(named, at.any)
    spreadAny(named)
  }
  if (at.any) spreadAny(at.any)
}

function overlay<Rule>(target: Draft<Rule>, source: Draft<Rule>): void {
  target.rule ??= source.rule
  for (const [key, from] of source.keys) {
    const existing = target.keys.get(key)
    if (existing) overlay(existing, from)
    else target.keys.set(key, copy(from))
  }
  if (source.any && target.any) overlay(target.any, source.any)
  else if (source.any) target.any = copy(source.any)
}

function copy<Rule>(from: Draft<Rule>): Draft<Rule> {
  const keys = new Map([...from.keys].map(([key, value]) => [key, copy(value)] as const))
  return { rule: from.rule, keys, any: from.any && copy(from.any) }
}
