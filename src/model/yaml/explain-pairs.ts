/** Quotes and brackets that are not closed, or are closed by another. */
import { indentOf, lineAt } from './lines.ts'
import type { SyntaxFault, SyntaxRule } from './syntax-fault.ts'

/** A closing bracket behind a value that was complete. */
export const explainBracket: SyntaxRule = ({ start }, text) => {
  const bracket = text.charAt(start)
  if (bracket !== ']' && bracket !== '}') return undefined
  const { from, end } = lineAt(text, start)
  return {
    message: `this "${bracket}" closes nothing`,
    hint: `remove it, or write "${bracket === ']' ? '[' : '{'}" where it begins`,
    start,
    end: start + 1,
    from,
    to: end,
  }
}

/** Text behind a closing quote: either the quote is part of the text, or it closes one that was left open lines above. */
export const explainQuote: SyntaxRule = ({ start, since }, text) => {
  const quote = text.charAt(since)
  const [first, line] = [lineAt(text, since), lineAt(text, start)]
  if ((quote !== '"' && quote !== "'") || line.from === start) return undefined
  const close = text.lastIndexOf(quote, start - 1)
  if (close > since && first.start !== line.start) return openQuote(quote, since, close)
  return {
    message: `the value ends at its closing ${quote}, and can't go on behind it`,
    hint:
      quote === "'"
        ? "put the whole value in quotes, and write '' for a quote in it"
        : 'put the whole value in quotes, and write \\" for a quote in it',
    start,
    end: start + 1,
    from: first.from,
    to: line.end,
  }
}

function openQuote(quote: string, since: number, close: number): SyntaxFault {
  return {
    message: `the quote ${quote} is not closed on its line`,
    hint: `close it with another ${quote}`,
    start: since,
    end: since + 1,
    notes: [{ message: `so the next ${quote} closes it`, start: close, end: close + 1 }],
    from: since,
    to: close,
  }
}

const CLOSING: Readonly<Record<string, string>> = { '[': ']', '{': '}' }

/** What stands in brackets is followed neither by a comma nor by the closing one. */
export const explainComma: SyntaxRule = ({ start, since }, text) => {
  const opening = text.charAt(since)
  const closing = CLOSING[opening] ?? ''
  const found = text.charAt(start)
  if (found === ']' || found === '}') return otherBracket({ found, start, opening, closing, since })
  const [first, line] = [lineAt(text, since), lineAt(text, start)]
  if (start >= text.trimEnd().length || (line.from === start && indentOf(line) <= indentOf(first)))
    return openBracket({ opening, closing, since })
  const key = text.slice(line.from, found === ':' ? start : line.end)
  if (line.start !== first.start && indentOf(line) <= indentOf(first) && /^[\w.-]+(:\s.*|:?)$/.test(key))
    return openBracket({ opening, closing, since })
  return {
    message: `a comma or "${closing}" is expected here`,
    hint:
      opening === '['
        ? 'write a comma before it, or "]" if the list ends there'
        : 'write a comma or a colon before it, or "}" if the mapping ends there',
    start,
    end: start + 1,
    from: since,
    to: start,
  }
}

interface Brackets {
  readonly opening: string
  readonly closing: string
  readonly since: number
}

function openBracket({ opening, closing, since }: Brackets): SyntaxFault {
  return {
    message: `the "${opening}" is not closed`,
    hint: `close it with "${closing}"`,
    start: since,
    end: since + 1,
    from: since,
    to: since,
  }
}

function otherBracket({
  found,
  start,
  opening,
  closing,
  since,
}: Brackets & { found: string; start: number }): SyntaxFault {
  return {
    message: `this "${found}" can't close a "${opening}"`,
    hint: `close it with "${closing}"`,
    start,
    end: start + 1,
    notes: [{ message: `the "${opening}" is here`, start: since, end: since + 1 }],
    from: since,
    to: start,
  }
}
