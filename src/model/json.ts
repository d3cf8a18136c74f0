/** JSON as Go writes it: its escapes, its floats, big integers in full. */
import type { Printed } from './print.ts'

export function toGoJson(value: Printed, indent: '' | '  ' = ''): string {
  return write(value, indent === '' ? undefined : '')
}

/** `margin` is undefined for the compact form. */
function write(value: Printed, margin: string | undefined): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : JSON.stringify(value)
  if (typeof value === 'string') return quote(value)
  const inner = margin === undefined ? undefined : `${margin}  `
  if (value instanceof Map) {
    const colon = margin === undefined ? ':' : ': '
    return enclose(
      '{',
      [...value].map(([key, item]) => `${quote(key)}${colon}${write(item, inner)}`),
      { close: '}', margin, inner },
    )
  }
  return enclose(
    '[',
    (value as readonly Printed[]).map((item) => write(item, inner)),
    { close: ']', margin, inner },
  )
}

function enclose(
  open: string,
  items: readonly string[],
  { close, margin, inner }: { close: string; margin: string | undefined; inner: string | undefined },
): string {
  if (items.length === 0) return open + close
  if (margin === undefined) return `${open}${items.join(',')}${close}`
  return `${open}\n${items.map((item) => `${inner}${item}`).join(',\n')}\n${margin}${close}`
}

const quote = (text: string): string =>
  JSON.stringify(text)
    .replace(/[<>&\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replace(/\\u([dD][89abAB][\da-fA-F]{2})/g, '\\ufffd')
