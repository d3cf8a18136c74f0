/** What a value replaced: in files laid over each other, in extended services, and in the env files that a service names. */
import { fileValuesAt } from '../file-values.ts'
import { nodeAt } from '../locate.ts'
import type { Path } from '../project.ts'
import type { Node } from '../tree/node.ts'
import { locationOf, type Origin } from '../tree/source.ts'
import type { ReplacedValue } from './explained.ts'
import { summaryOf } from './secrecy.ts'
import type { Subject } from './subject.ts'

export interface ReplacementOptions {
  /** Variables that may not be shown. */
  readonly secret: ReadonlySet<string>
}

/** The last one first. */
export function replacedAt(subject: Subject, path: Path, { secret }: ReplacementOptions): readonly ReplacedValue[] {
  const written = nodeAt(subject.root, path) !== undefined
  const before = replacedNodes(subject, path).map((node) =>
    replaced(withoutKey(summaryOf(node, secret), path), node.at),
  )
  const inFiles = fileValuesAt(subject.fileValues, path)
  const earlier = (written ? inFiles : inFiles.slice(0, -1)).map(({ name, value, at, used }) => {
    const hidden = used.find((variable) => secret.has(variable.name))
    return replaced(hidden?.template ?? (secret.has(name) ? `\${${name}}` : value), at)
  })
  return [...before, ...earlier.reverse()]
}

/** What it, or the list or mapping that it stands in, replaced: the nearest of these that replaced anything. */
function replacedNodes({ root, project }: Subject, path: Path): readonly Node[] {
  // An element as a whole is laid over another; its parts say how.
  const least = Object.hasOwn(project, String(path[0])) && path.length > 1 ? 3 : 1
  for (let length = path.length; length >= least; length--) {
    const node = nodeAt(root, path.slice(0, length))
    if (node?.over) return [...chainOf(node.over)]
  }
  return []
}

function* chainOf(node: Node): Generator<Node> {
  for (let at: Node | undefined = node; at; at = at.over) yield at
}

/** `KEY=value` was written for the value of the key. */
function withoutKey(text: string, path: Path): string {
  const lead = `${path.at(-1)}=`
  return text.startsWith(lead) ? text.slice(lead.length) : text
}

function replaced(value: string, origin: Origin | undefined): ReplacedValue {
  const at = locationOf(origin)
  return { value, ...(at && { at }) }
}
