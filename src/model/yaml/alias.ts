/** What is wrong with an alias that stands for nothing. */
import type { Finding } from '../findings.ts'
import { nearest } from '../nearest.ts'
import type { Origin } from '../tree/source.ts'

/** `anchors` are the names given so far. */
export function unknownAlias(name: string, at: Origin, anchors: Iterable<string>): Finding {
  const { source } = at
  const anchor = new RegExp(`&${name}(?![\\w-])`).exec(source.text)
  if (anchor) {
    return {
      code: 'yaml-alias',
      message: `the alias "*${name}" stands before or inside the value it names`,
      hint: 'put it behind that value',
      at,
      notes: [
        { message: 'that value is here', at: { source, start: anchor.index, end: anchor.index + name.length + 1 } },
      ],
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
