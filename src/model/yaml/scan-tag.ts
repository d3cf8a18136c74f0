/** Tags: `!reset`, `!!str`, `!<tag:yaml.org,2002:str>`. */
import { isBlankOrEnd } from './characters.ts'
import type { Scanner } from './scanner.ts'
import { YamlError } from './token.ts'

const TAG = /!(?:<([\w;/?:@&=+$,.!~*'()[\]%-]+)>|([\w-]*!)?([\w;/?:@&=+$,.!~*'()[\]%-]*))/y

const QUOTE = 'put a value that starts with ! in quotes'

/** The tag in full; `!` names of the user's own stay as they are. */
export function scanTag(scanner: Scanner): string {
  const { text, at } = scanner
  TAG.lastIndex = at
  const [all = '!', verbatim, handle, suffix = ''] = TAG.exec(text) ?? []
  scanner.at += all.length
  if (!isBlankOrEnd(text.charCodeAt(scanner.at))) {
    throw new YamlError('this is not a tag', {
      start: at,
      end: scanner.at + 1,
      hint: QUOTE,
    })
  }
  if (verbatim !== undefined) return verbatim
  if (handle === undefined) return `!${suffix}`
  if (suffix === '') throw new YamlError('this tag has no name', { start: at, end: scanner.at, hint: QUOTE })
  if (handle === '!') return `tag:yaml.org,2002:${suffix}`
  if (scanner.handles.has(`!${handle}`)) return `!${handle}${suffix}`
  throw new YamlError(`no %TAG directive declares "!${handle}"`, { start: at, end: scanner.at, hint: QUOTE })
}
