/** The line of keys below what is written, always the last one: what is written takes its place, and it comes after that. */
import type { Paint } from './paint.ts'

export interface MenuLine {
  /** The same text, with the line moved below it. */
  readonly above: (text: string) => string
  /** The text that takes the line away, for good or until it is shown. */
  readonly hide: () => string
  readonly show: () => string
}

const KEYS: readonly (readonly [key: string, what: string])[] = [
  ['w', 'Enable Watch'],
  ['d', 'Detach'],
]

const ERASE = '\r\x1b[2K'

export function createMenuLine(paint: Paint, columns: () => number): MenuLine {
  let isWanted = true
  let isThere = false
  /** What was written last has no line end: the line would break it. */
  let isOpen = false
  const draw = (): string => {
    const words = KEYS.map(([key, what]) => `${key} ${what}`).join('   ')
    isThere = isWanted && !isOpen && words.length < columns()
    return isThere ? KEYS.map(([key, what]) => `${paint('bold', key)} ${paint('faint', what)}`).join('   ') : ''
  }
  const erase = (): string => {
    const text = isThere ? ERASE : ''
    isThere = false
    return text
  }
  return {
    above: (text) => {
      const erased = erase()
      if (text !== '') isOpen = !text.endsWith('\n')
      return `${erased}${text}${draw()}`
    },
    hide: () => {
      isWanted = false
      return erase()
    },
    show: () => {
      isWanted = true
      return `${erase()}${draw()}`
    },
  }
}
