/**
 * `${VAR}` in text: every form of the Compose Specification, read by a scanner that looks at each character once per level, so that
 * no text can make it slow.
 * https://github.com/compose-spec/compose-spec/blob/main/12-interpolation.md
 */

import { MOST_CHARACTERS } from '../limits.ts'
import { append, longText, textOf } from '../long-text.ts'

export interface Lookup {
  /** A variable's value; undefined when it is not set. */
  readonly value: (name: string) => string | undefined
  /** Told of each variable that is not set and has no default. */
  readonly unset: (name: string) => void
  /** Told of each variable that went in, and of what it put there. */
  readonly used?: ((name: string, value: string, how: Taken) => void) | undefined
}

/** A variable's value, or what stands in for it. */
export type Taken = 'value' | 'default' | 'unset'

/** Why a template has no value. `offset` is where in the template the trouble starts. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError'
  readonly kind: 'invalid' | 'required'
  readonly offset: number
  readonly variable: string | undefined
  readonly hint: string | undefined

  constructor(
    kind: 'invalid' | 'required',
    message: string,
    where: { offset: number; variable?: string; hint?: string | undefined },
  ) {
    super(message)
    this.kind = kind
    this.offset = where.offset
    this.variable = where.variable
    this.hint = where.hint
  }
}

const DEEPEST = 32
const DOLLAR = 36

export function substitute(template: string, lookup: Lookup, depth = 0): string {
  let next = template.indexOf('$')
  if (next < 0) return template
  if (depth > DEEPEST)
    throw new TemplateError('invalid', `defaults are nested more than ${DEEPEST} levels deep`, { offset: 0 })
  const result = longText()
  let [at, length, references] = [0, 0, 0]
  while (next >= 0) {
    // A doubled dollar is one.
    const isText = template.charCodeAt(next + 1) === DOLLAR
    const piece = isText ? { value: '$', end: next + 2 } : readPiece(template, next, lookup, depth)
    append(result, template.slice(at, next) + piece.value)
    length += next - at + piece.value.length
    if (!isText) references++
    refuseGrowth(length, references, next)
    at = piece.end
    next = template.indexOf('$', at)
  }
  append(result, template.slice(at))
  return textOf(result)
}

const FEWER = 'look for a variable that is repeated again and again'
/** Variables in one text. */
const MOST_REFERENCES = 100_000

function refuseGrowth(length: number, references: number, offset: number): void {
  if (length > MOST_CHARACTERS)
    throw new TemplateError('invalid', `the text is longer than ${MOST_CHARACTERS / 2 ** 20} MB`, {
      offset,
      hint: FEWER,
    })
  if (references > MOST_REFERENCES)
    throw new TemplateError('invalid', `the text has more than ${MOST_REFERENCES} variables`, { offset, hint: FEWER })
}

interface Piece {
  readonly value: string
  readonly end: number
}

function readPiece(template: string, start: number, lookup: Lookup, depth: number): Piece {
  if (template[start + 1] === '{') return readBraced(template, start, lookup, depth)
  const name = readName(template, start + 1)
  // A lone dollar is text, as in "5$".
  if (name === '') return { value: '$', end: start + 1 }
  return { value: plainValue(name, lookup), end: start + 1 + name.length }
}

function readBraced(template: string, start: number, lookup: Lookup, depth: number): Piece {
  const invalid = (): never => {
    throw new TemplateError('invalid', `"${excerpt(template, start)}" is not a valid reference to a variable`, {
      offset: start,
    })
  }
  const name = readName(template, start + 2)
  const operatorAt = start + 2 + name.length
  if (name === '') invalid()
  if (template[operatorAt] === '}') return { value: plainValue(name, lookup), end: operatorAt + 1 }
  const operator = /^:?[-+?]/.exec(template.slice(operatorAt, operatorAt + 2))?.[0] ?? invalid()
  const bodyAt = operatorAt + operator.length
  const close = closingBrace(template, bodyAt)
  if (close < 0) invalid()
  const body = template.slice(bodyAt, close)
  const value = apply(operator, { name, body, lookup, depth, bodyAt, start })
  return { value, end: close + 1 }
}

interface Operation {
  readonly name: string
  readonly body: string
  readonly lookup: Lookup
  readonly depth: number
  readonly bodyAt: number
  readonly start: number
}

function apply(operator: string, { name, body, lookup, depth, bodyAt, start }: Operation): string {
  const value = lookup.value(name)
  const present = value !== undefined && (operator.length === 1 || value !== '')
  const nested = (): string => {
    try {
      return substitute(body, lookup, depth + 1)
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error
      const { kind, message, offset, variable } = error
      throw new TemplateError(kind, message, { offset: bodyAt + offset, ...(variable !== undefined && { variable }) })
    }
  }
  const taken = (result: string, how: Taken): string => {
    lookup.used?.(name, result, how)
    return result
  }
  switch (operator.at(-1)) {
    case '-':
      return present ? taken(value ?? '', 'value') : taken(nested(), 'default')
    case '+':
      return present ? taken(nested(), 'value') : taken(value ?? '', value === undefined ? 'unset' : 'value')
    default:
      if (present) return taken(value ?? '', 'value')
      throw new TemplateError('required', nested(), { offset: start, variable: name })
  }
}

function plainValue(name: string, lookup: Lookup): string {
  const value = lookup.value(name)
  if (value === undefined) lookup.unset(name)
  lookup.used?.(name, value ?? '', value === undefined ? 'unset' : 'value')
  return value ?? ''
}

const NAME = /[A-Za-z_][A-Za-z\d_]*/y

function readName(template: string, at: number): string {
  NAME.lastIndex = at
  return NAME.exec(template)?.[0] ?? ''
}

/**
 * The brace that closes the one before `from`, on its line; -1 when there is none. As Docker Compose counts, the character behind an
 * opening brace never closes it; and where the count does not come out even, the line's last brace closes.
 */
function closingBrace(template: string, from: number): number {
  const lineEnd = template.indexOf('\n', from)
  const end = lineEnd < 0 ? template.length : lineEnd
  let open = 1
  let last = -1
  for (let at = from; at < end; at++) {
    const character = template[at]
    if (character === '{') {
      open++
      at++
      if (template[at] === '}') last = at
    } else if (character === '}') {
      last = at
      if (--open === 0) return at
    }
  }
  return last
}

function excerpt(template: string, start: number): string {
  const line = template.slice(start).split('\n', 1)[0] ?? ''
  const close = line.indexOf('}')
  const whole = close < 0 ? line : line.slice(0, close + 1)
  return whole.length > 60 ? `${whole.slice(0, 57)}...` : whole
}
