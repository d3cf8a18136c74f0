/** Keeping a value's history while it is merged and made into other forms. A node is only made anew where there is something to keep. */
import { inherit, type Node, type Passage, type Scalar, type ScalarNode, scalar } from './node.ts'
import type { UsedVariable } from './used-variable.ts'

/** A value in the place of another one, which it remembers behind those that it replaced before. */
export function laidOver<Laid extends Node>(node: Laid, replaced: Node): Laid {
  if (node === replaced) return node
  const chain: Node[] = []
  for (let at: Node | undefined = node.over; at; at = at.over) chain.push(at)
  const over = chain.reduceRight<Node>((below, one) => ({ ...one, over: below }), replaced)
  return { ...node, over }
}

/** A scalar made of another value: written where that one was, with all of its history. */
export function remade(from: Node, value: Scalar): ScalarNode {
  return inherit(piece(from, value), from)
}

/** A scalar made of a part of another one: the variables may have gone into it, but what the whole replaced is the whole's. */
export function piece(from: Node, value: Scalar): ScalarNode {
  return from.kind === 'scalar' && from.used
    ? { kind: 'scalar', at: from.at, value, used: from.used }
    : scalar(value, from.at)
}

/** A scalar that variables went into. */
export const withUsed = (node: ScalarNode, used: readonly UsedVariable[]): ScalarNode =>
  used.length === 0 ? node : { ...node, used: [...(node.used ?? []), ...used] }

/** An element with the ways on which it, or parts of it, came in. */
export const cameIn = <Came extends Node>(node: Came, via: readonly Passage[]): Came => ({ ...node, via })
