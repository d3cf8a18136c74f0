/**
 * The variables a model speaks of, for `config --variables`: found as Docker Compose finds them, which looks for them in every text
 * without reading it as interpolation does. So it takes the last brace of a line for the end of a default that has none of its own,
 * and a reference that is none for a variable without a name.
 */
import type { Node } from '../tree/node.ts'

export interface Mention {
  readonly name: string
  readonly required: boolean
  /** What is put in where the variable is not set. */
  readonly fallback: string
  /** What is put in where it is set. */
  readonly alternate: string
}

/** One for each name, in the order of names. */
export function variablesOf(root: Node): readonly Mention[] {
  return [...mentionsBelow(root).values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

type Mentions = ReadonlyMap<string, Mention>

/** Of several mentions of a variable the last counts; Docker Compose takes any of those that stand in different parts of a mapping. */
function mentionsBelow(node: Node): Mentions {
  if (node.kind === 'scalar')
    return typeof node.value === 'string' && node.value.includes('$') ? byName(mentionsIn(node.value, 0)) : NONE
  const parts = node.kind === 'list' ? node.items : [...node.entries.values()].map(({ value }) => value)
  return byName(parts.flatMap((part) => [...mentionsBelow(part).values()]))
}

const NONE: Mentions = new Map()

const byName = (mentions: readonly Mention[]): Mentions => new Map(mentions.map((one) => [one.name, one]))

/** Deeper ones have no meaning to interpolation either. */
const DEEPEST = 32
/** Escaped, plain, braced with what follows its name, or the start of what is no reference. */
const REFERENCE = /\$(?:\$|([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(\}|:?[-+?])|\{)/y

function mentionsIn(text: string, depth: number): readonly Mention[] {
  const found: Mention[] = []
  for (let at = text.indexOf('$'); at >= 0 && depth <= DEEPEST; ) {
    const { mentions, end } = referenceAt(text, at, depth)
    found.push(...mentions)
    at = text.indexOf('$', end)
  }
  return found
}

interface Reference {
  readonly mentions: readonly Mention[]
  readonly end: number
}

function referenceAt(text: string, at: number, depth: number): Reference {
  REFERENCE.lastIndex = at
  const [whole = '$', plain, braced, operator] = REFERENCE.exec(text) ?? []
  const end = at + whole.length
  const name = plain ?? (operator === '}' ? braced : undefined)
  if (name !== undefined) return { mentions: [plainMention(name)], end }
  const close = operator === undefined ? -1 : closingBrace(text, end)
  if (braced !== undefined && operator !== undefined && close >= 0)
    return { mentions: withBody({ name: braced, operator, body: text.slice(end, close) }, depth), end: close + 1 }
  return { mentions: whole.startsWith('${') ? [plainMention('')] : [], end }
}

const plainMention = (name: string): Mention => ({ name, required: false, fallback: '', alternate: '' })

function withBody(
  { name, operator, body }: { name: string; operator: string; body: string },
  depth: number,
): readonly Mention[] {
  const mention = plainMention(name)
  switch (operator.at(-1)) {
    case '-':
      return [{ ...mention, fallback: body }, ...mentionsIn(body, depth + 1)]
    case '+':
      return [{ ...mention, alternate: body }, ...mentionsIn(body, depth + 1)]
    default:
      return [{ ...mention, required: true }]
  }
}

/** The brace of this line that closes the one before `from`, or else the last one there is; -1 for none. */
function closingBrace(text: string, from: number): number {
  const newline = text.indexOf('\n', from)
  const line = newline < 0 ? text.length : newline
  let open = 1
  let last = -1
  for (let at = from; at < line; at++) {
    if (text[at] === '{') open++
    if (text[at] !== '}') continue
    if (--open === 0) return at
    last = at
  }
  return last
}
