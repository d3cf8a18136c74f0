/** The classes of characters YAML text is made of, by their codes; NaN is the end of the text. */

export const TAB = 9
const LINE_FEED = 10
const CARRIAGE_RETURN = 13
export const SPACE = 32
export const HASH = 35
export const COLON = 58
export const QUESTION = 63
export const DASH = 45

const BLANK = 1
const BREAK = 2
const INDICATOR = 4
const FLOW_INDICATOR = 8

/** What each ASCII character is: a table, because every character of a file is asked about. */
const CLASSES = classesOf({
  [BLANK]: ' \t',
  [BREAK]: '\n\r',
  [INDICATOR]: '-?:,[]{}#&*!|>\'"%@`',
  [FLOW_INDICATOR]: ',?[]{}',
})

function classesOf(members: Readonly<Record<number, string>>): Uint8Array {
  const classes = new Uint8Array(128)
  for (const [bit, characters] of Object.entries(members))
    for (const character of characters) {
      const code = character.charCodeAt(0)
      classes[code] = (classes[code] ?? 0) | Number(bit)
    }
  return classes
}

const isOf = (code: number, bit: number): boolean => ((CLASSES[code] ?? 0) & bit) !== 0

export const isBlank = (code: number): boolean => code === SPACE || code === TAB

/** Besides line feed and carriage return, YAML knows three rare line ends. */
export const isBreak = (code: number): boolean =>
  isOf(code, BREAK) || (code > 127 && (code === 0x85 || code === 0x2028 || code === 0x2029))

export const isBlankOrEnd = (code: number): boolean => isOf(code, BLANK | BREAK) || isBreak(code) || Number.isNaN(code)

export const isIndicator = (code: number): boolean => isOf(code, INDICATOR)

export const isFlowIndicator = (code: number): boolean => isOf(code, FLOW_INDICATOR)

/** How many characters the line end at a place has. */
export const breakLength = (text: string, at: number): number =>
  text.charCodeAt(at) === CARRIAGE_RETURN && text.charCodeAt(at + 1) === LINE_FEED ? 2 : 1

/** What the line end at a place means in a value. */
export function breakText(text: string, at: number): string {
  const code = text.charCodeAt(at)
  return code === 0x2028 || code === 0x2029 ? text.charAt(at) : '\n'
}

/** Letters, digits, dashes and underscores: what names of anchors are made of. */
export const NAME = /[\w-]*/y

const range = (from: number, to: number): string => `${String.fromCharCode(from)}-${String.fromCharCode(to)}`

/** Characters that can't stand in YAML text at all. */
const FORBIDDEN = new RegExp(
  `[${range(0, 8)}${range(11, 12)}${range(14, 31)}${range(127, 132)}${range(134, 159)}\uFFFE\uFFFF]`,
)

export const findForbidden = (text: string): number => text.search(FORBIDDEN)
