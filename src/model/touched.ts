/**
 * The part of a model that a document laid over it speaks of. The rest was made right when it was laid, so that each of a thousand
 * documents need not look at all that stands below it.
 */
import { type Entry, inherit, type MapNode, map, type Node } from './tree/node.ts'

/** `model` is what came of laying `document` over others. */
export function touchedPart(model: MapNode, document: MapNode): MapNode {
  const part = new Map<string, Entry>()
  for (const [section, { value: own }] of document.entries) {
    const entry = model.entries.get(section)
    if (entry) part.set(section, { key: entry.key, value: onlyKeysOf(entry.value, own) })
  }
  return map(part, model.at)
}

function onlyKeysOf(section: Node, own: Node): Node {
  if (section.kind !== 'map' || own.kind !== 'map' || section.entries.size === own.entries.size) return section
  const entries = new Map<string, Entry>()
  for (const key of own.entries.keys()) {
    const entry = section.entries.get(key)
    if (entry) entries.set(key, entry)
  }
  return inherit(map(entries, section.at), section)
}

/** The model with that part as it has become. */
export function withTouched(model: MapNode, part: MapNode): MapNode {
  const entries = new Map(model.entries)
  for (const [section, { key, value }] of part.entries)
    entries.set(section, { key, value: overwrite(entries.get(section)?.value, value) })
  return map(entries, model.at)
}

function overwrite(section: Node | undefined, part: Node): Node {
  if (section?.kind !== 'map' || part.kind !== 'map' || section.entries.size === part.entries.size) return part
  const entries = new Map(section.entries)
  for (const [key, entry] of part.entries) entries.set(key, entry)
  return inherit(map(entries, part.at), part)
}

/** How many elements stand in a model. */
export function elementsOf({ entries }: MapNode): number {
  let elements = 0
  for (const { value } of entries.values()) elements += value.kind === 'map' ? value.entries.size : 1
  return elements
}
