/** Where a value that is wrong was written, and where the variables come from that went into it. */
import type { FindingNote } from './findings.ts'
import type { Node } from './tree/node.ts'
import type { Origin } from './tree/source.ts'
import type { Sources, UsedVariable } from './tree/used-variable.ts'

/** For a finding about a value. */
export const about = (node: Node): { readonly at: Origin | undefined; readonly notes: readonly FindingNote[] } => ({
  at: node.at,
  notes: variableNotes(node),
})

/** Each variable is told once, however often it stands in the text. */
export function variableNotes(node: Node | undefined): readonly FindingNote[] {
  if (node?.kind !== 'scalar' || !node.used) return []
  return [...new Map(node.used.map((one) => [one.name, one])).values()].map(describe)
}

function describe({ name, from }: UsedVariable): FindingNote {
  switch (from.kind) {
    case 'file':
      return { message: `the variable "${name}" is set here`, at: from.at && valuePart(from.at) }
    case 'process':
      return { message: `the variable "${name}" is set in the environment` }
    case 'flag':
      return { message: `the variable "${name}" is set by ${from.flag}` }
    case 'directory':
      return { message: `the variable "${name}" is the name of the directory "${from.path}"` }
    case 'default':
      return { message: `the variable "${name}" is not set, and its default stands in` }
    case 'unset':
      return { message: `the variable "${name}" is not set` }
  }
}

/** Where a variable was given its value, if it was in a file. */
export function placeOfVariable(name: string, sources: Sources): Origin | undefined {
  const from = sources.get(name)
  return from?.kind === 'file' && from.at ? valuePart(from.at) : undefined
}

const NAME = /^(?:export\s+)?[^\s=:]+[ \t]*[=:][ \t]*/

/** Of `NAME=value` the value. */
function valuePart({ source, start, end }: Origin): Origin {
  const line = source.text.slice(start, end)
  const name = NAME.exec(line)?.[0].length ?? 0
  return { source, start: start + name, end: start + Math.max(name + 1, line.trimEnd().length) }
}
