/** `.dockerignore`: which paths of a context are left out. The last pattern that fits decides. Pure. */
export interface Ignored {
  /** `path` is relative to the context, with slashes. */
  readonly isIgnored: (path: string) => boolean
  /** Something below an ignored directory may be wanted again. */
  readonly hasExceptions: boolean
}

interface Pattern {
  readonly isException: boolean
  readonly expression: RegExp
}

export function parseDockerignore(text: string): Ignored {
  const patterns = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .filter((line) => !line.startsWith('#'))
    .flatMap((line) => toPattern(line.trim()) ?? [])
  return {
    // Whatever is in an ignored directory is ignored with it.
    isIgnored: (path) =>
      patterns.reduce((ignored, { isException, expression }) => {
        if (isException !== ignored) return ignored
        return expression.test(path) ? !isException : ignored
      }, false),
    hasExceptions: patterns.some((one) => one.isException),
  }
}

function toPattern(line: string): Pattern | undefined {
  const isException = line.startsWith('!')
  const parts = (isException ? line.slice(1).trim() : line).split('/')
  const cleaned = parts.reduce<string[]>((path, part) => {
    if (part === '..') path.pop()
    else if (part !== '' && part !== '.') path.push(part)
    return path
  }, [])
  if (cleaned.length === 0) return undefined
  return { isException, expression: new RegExp(`^${expressionOf(cleaned)}(?:/.*)?$`, 's') }
}

function expressionOf(parts: readonly string[]): string {
  let text = ''
  for (const [at, part] of parts.entries()) {
    const isLast = at === parts.length - 1
    if (part === '**') text += isLast ? '.*' : '(?:.*/)?'
    else text += partExpression(part) + (isLast ? '' : '/')
  }
  return text
}

/** Go's `filepath.Match`, and `**` within a part too. */
function partExpression(part: string): string {
  return part.replace(/\*\*|\*|\?|\\(.)|\[(\^?)((?:\\.|[^\]])+)\]|[\s\S]/g, (found, escaped, not, set) => {
    if (found === '**') return '.*'
    if (found === '*') return '[^/]*'
    if (found === '?') return '[^/]'
    if (escaped !== undefined) return quoted(escaped)
    if (set !== undefined) return `[${not}${set.replace(/\\?([\s\S])/g, setCharacter)}]`
    return quoted(found)
  })
}

function setCharacter(found: string, character: string): string {
  return found === '-' ? '-' : /[\w]/.test(character) ? character : `\\${character}`
}

function quoted(character: string): string {
  return character.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
}
