/** What values of fields look like in a reason, and which of them are nobody's business. */

/** A value on a label or in a reason: a text, or the entries of a list. */
export type FieldValue = string | readonly string[]

const LONGEST = 100
const LONGEST_LIST = 300
/** Of variables and options whose values are told to nobody. */
const SECRET_NAME = /pass|pwd|secret|token|key|cred|auth|private|salt|cert|dsn|cookie|session|signature/i
/** `scheme://user:password@host`, and keys in their usual form. */
const SECRET_VALUE = /:\/\/[^/@\s]*:[^/@\s]*@|-----BEGIN /

/** Undefined for what is long, deep, or may be a secret. `path` is below the service. */
export function tellable(path: readonly string[], value: unknown): FieldValue | undefined {
  const [key = '', entry] = path
  if (key === 'environment' && SECRET_NAME.test(entry ?? '')) return undefined
  if (Array.isArray(value)) return tellableList(key, value)
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return undefined
  const text = String(value)
  return text.length > LONGEST || SECRET_VALUE.test(text) ? undefined : text
}

function tellableList(key: string, values: readonly unknown[]): readonly string[] | undefined {
  const texts = values.map((value) => entryText(key, value))
  const isFit = (text: string): boolean => text !== '' && !SECRET_NAME.test(text) && !SECRET_VALUE.test(text)
  return texts.join().length <= LONGEST_LIST && (key === 'secrets' || texts.every(isFit)) ? texts : undefined
}

/** As one would write it in short; '' for what has no short form. */
function entryText(key: string, value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number') return String(value)
  const of = (value ?? {}) as Readonly<Record<string, unknown>>
  const text = (...names: readonly string[]): string =>
    names.flatMap((name) => (of[name] ? [String(of[name])] : [])).join(':')
  if (key === 'ports') return `${text('host_ip', 'published', 'target')}${of.protocol === 'udp' ? '/udp' : ''}`
  if (key === 'volumes') return `${text('source', 'target')}${of.read_only ? ':ro' : ''}`
  return text('source', 'target')
}

/** Words of a command keep their order; of other lists the entries count that are only here or only there. */
const ORDERED: ReadonlySet<string> = new Set(['command', 'entrypoint', 'test'])
const NOTHING = 'nothing'

export interface Pair {
  readonly old?: string
  readonly new?: string
}

/** Both in words, or what there is of them. */
export function pairOf(path: readonly string[], before: FieldValue | undefined, now: FieldValue | undefined): Pair {
  const isList = (value: FieldValue | undefined): value is readonly string[] => typeof value === 'object'
  if (isList(before) && isList(now) && !ORDERED.has(path.at(-1) ?? '')) {
    const without = (ones: readonly string[], others: readonly string[]): string =>
      ones.filter((one) => !others.includes(one)).join(', ') || NOTHING
    const [gone, come] = [without(before, now), without(now, before)]
    if (gone !== NOTHING || come !== NOTHING) return { old: gone, new: come }
  }
  const words = (value: FieldValue): string => (isList(value) ? value.map(quoted).join(' ') : value)
  return { ...(before !== undefined && { old: words(before) }), ...(now !== undefined && { new: words(now) }) }
}

const quoted = (word: string): string => (/^[^\s"'\\]+$/.test(word) ? word : JSON.stringify(word))
