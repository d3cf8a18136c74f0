/**
 * What an explanation must not show: `config` prints the content of no secret, and of no config that comes from a variable, so the
 * history of a value may not give it away either.
 */
import { sprint } from '../go-format.ts'
import { child, type MapNode, type Node, type ScalarNode, text } from '../tree/node.ts'

/** The variables whose values are contents. */
export function secretVariables(root: MapNode): ReadonlySet<string> {
  const objects = ['secrets', 'configs'].flatMap((section) => {
    const elements = child(root, section)
    return elements?.kind === 'map' ? [...elements.entries.values()] : []
  })
  return new Set(objects.flatMap(({ value }) => text(child(value, 'environment')) ?? []))
}

/** A value in a few words; what a content went into is shown as it was written. */
export function summaryOf(node: Node, secret: ReadonlySet<string>): string {
  switch (node.kind) {
    case 'scalar':
      return scalarText(node, secret)
    case 'list':
      return `[${node.items
        .filter(isWritten)
        .map((item) => summaryOf(item, secret))
        .join(', ')}]`
    case 'map':
      return shortForm(node) ?? `{${fieldsOf(node, secret).join(', ')}}`
  }
}

/** A range of ports was written once. */
const isWritten = ({ kind, at }: Node, index: number, all: readonly Node[]): boolean =>
  kind !== 'map' || at === undefined || at !== all[index - 1]?.at

function scalarText(node: ScalarNode, secret: ReadonlySet<string>): string {
  const hidden = node.used?.find(({ name }) => secret.has(name))
  if (hidden) return hidden.template
  return node.value === null ? 'null' : sprint(node)
}

const fieldsOf = (node: MapNode, secret: ReadonlySet<string>): readonly string[] =>
  [...node.entries].map(([key, { value }]) => `${key}: ${summaryOf(value, secret)}`)

/** A mapping made of one text: all of it stands where that text stands. */
function shortForm({ at, entries }: MapNode): string | undefined {
  if (!at || entries.size === 0 || [...entries.values()].some(({ value }) => value.at !== at)) return undefined
  return at.source.text.slice(at.start, at.end)
}
