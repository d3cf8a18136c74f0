/**
 * A volume's short syntax: `[SOURCE:]TARGET[:OPTIONS]`.
 * https://github.com/compose-spec/compose-spec/blob/main/05-services.md#short-syntax-5
 */
export interface ShortVolume {
  readonly kind: 'volume'
  readonly source: string
  readonly target: string
  readonly readOnly: boolean
  readonly nocopy: boolean
  readonly propagation: string | undefined
  readonly selinux: string | undefined
  /** The source is a path of the host, not a volume's name. */
  readonly isPath: boolean
}

export interface BadVolume {
  readonly kind: 'bad'
  readonly reason: string
}

export function parseVolume(spec: string): ShortVolume | BadVolume {
  if (spec === '') return { kind: 'bad', reason: 'it is empty' }
  const parts = isTiny(spec) ? [spec] : split(spec)
  if (parts.includes('')) return { kind: 'bad', reason: 'there is nothing between its colons' }
  const [first = '', second, options, more] = parts
  if (more !== undefined) return { kind: 'bad', reason: 'it has too many colons' }
  const volume: ShortVolume = {
    kind: 'volume',
    source: second === undefined ? '' : first,
    target: second ?? first,
    readOnly: false,
    nocopy: false,
    propagation: undefined,
    selinux: undefined,
    isPath: second !== undefined && looksLikePath(first),
  }
  return options === undefined ? volume : options.split(',').reduce(withOption, volume)
}

/** Too short to have two parts. Docker Compose counts bytes. */
export const isTiny = (spec: string): boolean => spec.length <= 2 && new TextEncoder().encode(spec).length <= 2

const PROPAGATIONS = new Set(['rprivate', 'private', 'rshared', 'shared', 'rslave', 'slave'])

/** Docker Compose ignores a word it doesn't know, and so must we. */
function withOption(volume: ShortVolume, option: string): ShortVolume {
  if (option === 'ro') return { ...volume, readOnly: true }
  if (option === 'rw') return { ...volume, readOnly: false }
  if (option === 'nocopy') return { ...volume, nocopy: true }
  if (option === 'z' || option === 'Z') return { ...volume, selinux: option }
  return PROPAGATIONS.has(option) ? { ...volume, propagation: option } : volume
}

/** At colons, except those of a Windows drive and of a variable that was not replaced. */
function split(spec: string): readonly string[] {
  const parts: string[] = []
  let part = ''
  let braces = 0
  for (let at = 0; at < spec.length; at++) {
    const character = spec.charAt(at)
    if (character === '$' && spec[at + 1] === '{') braces++
    else if (character === '}' && braces > 0) braces--
    if (character === ':' && braces === 0 && !/^\p{L}$/u.test(part)) {
      parts.push(part)
      part = ''
    } else part += character
  }
  return [...parts, part]
}

function looksLikePath(source: string): boolean {
  return /^[./~]/.test(source) || source.startsWith('\\\\') || /^\p{L}:/u.test(source)
}
