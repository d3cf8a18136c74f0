/** The path that a user writes to name a value: `services.web.ports[0]`, `services.web.labels."com.example.a"`. */

/** Its keys and indices, in order; undefined for text that is none. Keys with dots may be quoted, but need not be. */
export function parsePath(text: string): readonly string[] | undefined {
  const segments: string[] = []
  let at = 0
  while (at < text.length) {
    SEGMENT.lastIndex = at
    const [whole, quoted, index, plain] = SEGMENT.exec(text) ?? []
    if (whole === undefined) return undefined
    segments.push(quoted?.replaceAll(/\\(.)/g, '$1') ?? index ?? plain ?? '')
    at += whole.length
    if (text[at] === '.' && at + 1 < text.length) at++
    else if (at < text.length && text[at] !== '[') return undefined
  }
  return segments.length === 0 ? undefined : segments
}

/** In brackets or not, in quotes or not; a number in brackets is an index. */
const SEGMENT = /\[?"((?:[^"\\]|\\.)*)"\]?|\[(\d+)\]|([^.[\]"]+)/y
