/** What a registry says about who may ask: the header WWW-Authenticate of RFC 9110. Pure. */

export type Challenge =
  | { readonly kind: 'basic' }
  | { readonly kind: 'bearer'; readonly realm: string; readonly service: string | undefined }

/** Those that we can answer, in the order of the header. */
export function readChallenges(header: string | undefined): readonly Challenge[] {
  return split(header ?? '').flatMap(({ scheme, parameters }): readonly Challenge[] => {
    if (scheme === 'basic') return [{ kind: 'basic' }]
    const realm = parameters.get('realm')
    if (scheme !== 'bearer' || realm === undefined) return []
    return [{ kind: 'bearer', realm, service: parameters.get('service') }]
  })
}

interface Part {
  readonly scheme: string
  readonly parameters: Map<string, string>
}

const PARAMETER = /[\s,]*([\w!#$%&'*+.^`|~-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))/y
const SCHEME = /[\s,]*([\w!#$%&'*+.^`|~-]+)/y

/** A parameter is tried first: what is not one begins the next challenge. */
function split(header: string): readonly Part[] {
  const parts: Part[] = []
  for (let at = 0; at < header.length; ) {
    const parameter = matchAt(PARAMETER, header, at)
    const match = parameter ?? matchAt(SCHEME, header, at)
    if (!match) break
    at += match[0].length
    const [, name = '', quoted, plain = ''] = match
    if (parameter) parts.at(-1)?.parameters.set(name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? plain)
    else parts.push({ scheme: name.toLowerCase(), parameters: new Map() })
  }
  return parts
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(text)
}
