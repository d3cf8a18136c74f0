/** The flag kinds of this CLI: oclif's builders with Docker's names for the values, and numbers read as Docker reads them. */
import { Flags } from '@oclif/core'

export const stringFlag = Flags.custom<string>({ helpValue: 'string' })

/** May be given again and again, each time with one value. */
export const listFlag = Flags.custom<string>({
  helpValue: 'stringArray',
  multiple: true,
  multipleNonGreedy: true,
  default: [],
})

/** A whole number as Go reads it; the front end puts the flag's name before the message. */
export const integerFlag = Flags.custom<number>({
  helpValue: 'int',
  parse: async (text) => {
    if (!/^[+-]?\d+$/.test(text)) throw new Error('it takes a whole number')
    return Number(text)
  },
})
