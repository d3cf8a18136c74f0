/** What is wrong with an alias that stands for nothing. */
import type { Finding } from '../findings.ts'
import { nearest } from '../nearest.ts'
import type { Origin } from '../tree/source.ts'

/** `anchors` are the names given so far. */
export function unknownAlias(name: string, at: Origin, anchors: Iterable<string>): Finding {
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
