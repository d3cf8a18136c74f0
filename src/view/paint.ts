/** Colour, and the decision whether there is any. The only place that knows escape sequences. */

export type Paint = (style: Style, text: string) => string

export type Style =
  | 'bold'
  | 'faint'
  | 'red'
  | 'green'
  | 'yellow'
  | 'blue'
  | 'magenta'
  | 'cyan'
  | 'bold-cyan'
  | 'bold-yellow'
  | 'bold-green'
  | 'bold-magenta'
  | 'bold-blue'

const CODES: Readonly<Record<Style, string>> = {
  bold: '1',
  faint: '2',
  red: '31',
  green: '32',
  yellow: '33',
  blue: '34',
  magenta: '35',
  cyan: '36',
  'bold-cyan': '36;1',
  'bold-yellow': '33;1',
  'bold-green': '32;1',
  'bold-magenta': '35;1',
  'bold-blue': '34;1',
}

export const colourPaint: Paint = (style, text) => `\x1b[${CODES[style]}m${text}\x1b[0m`
export const plainPaint: Paint = (_, text) => text

export interface ColourWish {
  /** `--ansi`, or COMPOSE_ANSI. */
  readonly ansi: string | undefined
  readonly noColor: string | undefined
  readonly isTerminal: boolean
}

/** `--ansi` decides before NO_COLOR, and that before the terminal. */
export function choosePaint({ ansi, noColor, isTerminal }: ColourWish): Paint {
  if (ansi === 'always') return colourPaint
  if (ansi === 'never' || noColor) return plainPaint
  return isTerminal ? colourPaint : plainPaint
}

/**
 * Text of others made harmless for a terminal: control characters, those that turn the direction of writing, those that nobody sees, line
 * ends of other kinds and halves of pairs become visible escapes; tab stays.
 */
export function escapeControls(text: string): string {
  return isPlain(text) ? text : escaped(text)
}

/** Most are; the other expression takes a while to be made. */
const isPlain = (text: string): boolean => /^[\t\x20-\x7e]*$/.test(text)

function escaped(text: string): string {
  return text.replace(
    /(?!\t)[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061C\u200B\u200E\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/gu,
    (char) => {
      const code = char.charCodeAt(0).toString(16)
      return code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`
    },
  )
}

/** The same for several lines. */
export const escapeLines = (text: string): string => text.split('\n').map(escapeControls).join('\n')
