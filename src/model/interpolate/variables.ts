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

/** One for each name, in the order of names. Of several that differ it is the one said most often, and of equals the last. */
export function variablesOf(root: Node): readonly Mention[] {
  return [...mentionsBelow(root).values()].map(mostSaid).sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** By name, those that Docker Compose takes any of. */
type Mentions = ReadonlyMap<string, readonly Mention[]>

/** Of several mentions in a text or a list the last counts; of those in different parts of a mapping any does, by chance. */
function mentionsBelow(node: Node): Mentions {
  if (node.kind === 'scalar')
    return typeof node.value === 'string' && node.value.includes('$')
      ? new Map(mentionsIn(node.value, 0).map((one) => [one.name, [one]]))
      : NONE
  if (node.kind === 'list') return new Map(node.items.flatMap((item) => [...mentionsBelow(item)]))
  return allOf([...node.entries.values()].map(({ value }) => mentionsBelow(value)))
}

function allOf(parts: readonly Mentions[]): Mentions {
  const found = new Map<string, Mention[]>()
  for (const [name, mentions] of parts.flatMap((part) => [...part])) {
    const known = found.get(name)
    if (!known) found.set(name, [...mentions])
    else for (const one of mentions) known.push(one)
  }
  return found
}

const NONE: Mentions = new Map()

function mostSaid(mentions: readonly Mention[]): Mention {
  const counts = new Map<string, number>()
  let best: Mention | undefined
  let most = 0
  for (const one of mentions) {
    const key = JSON.stringify(one)
    const count = (counts.get(key) ?? 0) + 1
    counts.set(key, count)
    if (count >= most) [best, most] = [one, count]
  }
  return best ?? plainMention('')
}

/** Deeper ones have no meaning to interpolation either. */
const DEEPEST = 32

/** Of two with one name in a text, the later of this list counts. */
function mentionsIn(text: string, depth: number): readonly Mention[] {
  const found: Mention[] = []
  // What stands behind a reference with a body goes before it, up to the last brace of their line.
  const waiting: (readonly Mention[])[] = []
  const release = (): void => {
    for (let next = waiting.pop(); next; next = waiting.pop()) for (const one of next) found.push(one)
  }
  let line: Line = { end: -1, lastBrace: -1 }
  for (let at = text.indexOf('$'); at >= 0 && depth <= DEEPEST; ) {
    if (at > line.lastBrace) release()
    if (at > line.end) line = lineAt(text, at)
    const { mention, body, end } = referenceAt(text, at, line.lastBrace)
    if (mention && body !== undefined) waiting.push([mention, ...mentionsIn(body, depth + 1)])
    else if (mention) found.push(mention)
    at = text.indexOf('$', end)
  }
  release()
  return found
}

interface Line {
  readonly end: number
  readonly lastBrace: number
}

function lineAt(text: string, at: number): Line {
  const newline = text.indexOf('\n', at)
  const end = newline < 0 ? text.length : newline
  const brace = text.slice(at, end).lastIndexOf('}')
  return { end, lastBrace: brace < 0 ? -1 : at + brace }
}

interface Reference {
  readonly mention?: Mention
  /** What stands in for the variable, where more variables may be. */
  readonly body?: string
  readonly end: number
}

/** Escaped, plain, braced with what follows its name, or the start of what is no reference. */
const REFERENCE = /\$(?:\$|([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(\}|:?[-+?])|\{)/y

function referenceAt(text: string, at: number, lastBrace: number): Reference {
  REFERENCE.lastIndex = at
  const [whole = '$', plain, braced, operator] = REFERENCE.exec(text) ?? []
  const end = at + whole.length
  const name = plain ?? (operator === '}' ? braced : undefined)
  if (name !== undefined) return { mention: plainMention(name), end }
  if (braced === undefined || operator === undefined || end > lastBrace)
    return whole.startsWith('${') ? { mention: plainMention(''), end: at + 2 } : { end }
  const close = closingBrace(text, end, lastBrace)
  return { ...withBody(braced, operator, text.slice(end, close)), end: close + 1 }
}

const plainMention = (name: string): Mention => ({ name, required: false, fallback: '', alternate: '' })

function withBody(name: string, operator: string, body: string): Omit<Reference, 'end'> {
  const mention = plainMention(name)
  switch (operator.at(-1)) {
    case '-':
      return { mention: { ...mention, fallback: body }, body }
    case '+':
      return { mention: { ...mention, alternate: body }, body }
    default:
      return { mention: { ...mention, required: true }, body: '' }
  }
}

/** The brace that closes the one before `from`, or else the last one. What follows an opening brace at once closes nothing. */
function closingBrace(text: string, from: number, last: number): number {
  let open = 1
  for (let at = from; at <= last; at++) {
    if (text[at] === '}' && --open === 0) return at
    if (text[at] !== '{') continue
    open++
    at++
  }
  return last
}
