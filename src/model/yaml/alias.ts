/** Values that have a name, and the aliases that stand for them. */

import type { Size } from '../extent.ts'
import { type Finding, type Findings, report } from '../findings.ts'
import { nearest } from '../nearest.ts'
import type { Path } from '../project.ts'
import { emptyMap, type Node } from '../tree/node.ts'
import type { Origin } from '../tree/source.ts'
import { count, enter, type Measure } from './measure.ts'
import type { Token } from './token.ts'

/** A value that has a name, and what an alias to it brings along. */
interface Anchor {
  readonly node: Node | undefined
  readonly resets: readonly Path[]
  readonly size: Size
  /** Levels of nesting in it. */
  readonly height: number
}

export interface Anchoring extends Measure {
  readonly findings: Findings
  readonly anchors: Map<string, Anchor>
  readonly resets: Path[]
  /** Where we are. */
  readonly path: (string | number)[]
  /** Inside a value under `!override`: what replaces something whole has no marks of its own. */
  overriding: boolean
}

/** Remember what an alias will bring along. */
export function readNamed(building: Anchoring, anchor: string, read: () => Node | undefined): Node | undefined {
  const { deepest, values, characters, resets, path } = building
  const own = building.depth - 1
  const firstReset = resets.length
  building.deepest = own
  building.anchors.delete(anchor)
  const node = read()
  const named = {
    node,
    resets: resets.slice(firstReset).map((reset) => reset.slice(path.length)),
    size: { values: building.values - values + 1, characters: building.characters - characters },
    height: building.deepest - own,
  }
  // A name given again inside the value is that inner value's from then on.
  if (!building.anchors.has(anchor)) building.anchors.set(anchor, named)
  building.deepest = Math.max(building.deepest, deepest)
  return node
}

export function readAlias(building: Anchoring, token: Token): Node | undefined {
  const anchor = building.anchors.get(token.value)
  if (anchor) {
    count(building, anchor.size, token)
    enter(building, anchor.height, token)
    if (!building.overriding) for (const reset of anchor.resets) building.resets.push([...building.path, ...reset])
    return anchor.node
  }
  const at = { source: building.source, start: token.start, end: token.end }
  report(building.findings, () => unknownAlias(token.value, at, building.anchors.keys()))
  return emptyMap(at)
}

/** `anchors` are the names given so far. */
function unknownAlias(name: string, at: Origin, anchors: Iterable<string>): Finding {
  const anchor = anchorNear(name, at)
  if (anchor) {
    return {
      code: 'yaml-alias',
      message: `the alias "*${name}" stands before or inside the value it names`,
      hint: 'put it behind that value',
      at,
      notes: [{ message: 'that value is here', at: anchor }],
    }
  }
  const meant = nearest(name, anchors)
  return {
    code: 'yaml-alias',
    message: `no value is named "&${name}"`,
    hint: meant === undefined ? QUOTE : `did you mean "*${meant}"?`,
    at,
  }
}

const QUOTE = 'put a value that starts with * in quotes'

/** How far the value may be away: behind every wrong alias of a large file all of it would be looked through. */
const NEAR = 100_000

function anchorNear(name: string, { source, start }: Origin): Origin | undefined {
  const from = Math.max(0, start - NEAR)
  const text = source.text.slice(from, start + NEAR)
  const mark = `&${name}`
  for (let found = text.indexOf(mark); found >= 0; found = text.indexOf(mark, found + 1))
    if (!/[\w-]/.test(text.charAt(found + mark.length)))
      return { source, start: from + found, end: from + found + mark.length }
  return undefined
}
