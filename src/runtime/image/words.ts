/** The arguments of a Dockerfile instruction: words with quotes, backslashes and variables. Pure. */

export type Variables = (name: string) => string

const VARIABLE = /^\$(?:\{(\w+)\}|(\w+))/

/** Splits at blanks; quotes keep them, and single quotes keep everything. */
export function splitWords(text: string, variables: Variables): readonly string[] {
  const words: string[] = []
  let word: string | undefined
  let quote = ''
  for (let at = 0; at < text.length; ) {
    const { taken, ends, value, toggles } = next(text.slice(at), quote, variables)
    at += taken
    if (toggles !== undefined) quote = quote === '' ? toggles : ''
    if (!ends) word = (word ?? '') + value
    else if (word !== undefined) {
      words.push(word)
      word = undefined
    }
  }
  return word === undefined ? words : [...words, word]
}

interface Piece {
  readonly taken: number
  readonly value: string
  readonly ends: boolean
  readonly toggles?: string
}

function next(rest: string, quote: string, variables: Variables): Piece {
  const character = rest[0] as string
  if (quote === '' && /\s/.test(character)) return { taken: 1, value: '', ends: true }
  if (character === quote || (quote === '' && /["']/.test(character))) {
    return { taken: 1, value: '', ends: false, toggles: character }
  }
  if (quote === "'") return { taken: 1, value: character, ends: false }
  if (character === '\\' && rest.length > 1) {
    const escaped = rest[1] as string
    const kept = quote === '"' && !/["\\$]/.test(escaped) ? '\\' : ''
    return { taken: 2, value: kept + escaped, ends: false }
  }
  const variable = VARIABLE.exec(rest)
  if (variable) {
    const name = (variable[1] ?? variable[2]) as string
    return { taken: variable[0].length, value: variables(name), ends: false }
  }
  return { taken: 1, value: character, ends: false }
}
