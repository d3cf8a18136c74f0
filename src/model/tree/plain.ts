/** Nodes as plain values: null-prototype objects and arrays, so that a key named `__proto__` is only a key. */
import type { Node } from './node.ts'

export type Plain = string | number | bigint | boolean | null | readonly Plain[] | { readonly [key: string]: Plain }

export function toPlain(node: Node): Plain {
  switch (node.kind) {
    case 'scalar':
      return node.value
    case 'list':
      return node.items.map(toPlain)
    case 'map': {
      const plain: Record<string, Plain> = Object.create(null)
      for (const [key, entry] of node.entries) plain[key] = toPlain(entry.value)
      return plain
    }
  }
}
