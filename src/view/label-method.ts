/** `.Label "NAME"` of the rows that templates fill in. Pure. */
import { TemplateValueError } from './go-template/functions.ts'

type Method = (...names: readonly unknown[]) => string

export function labelMethod(labels: Readonly<Record<string, string>>): Method {
  return (...names) => {
    const name = onlyOne(names)
    return Object.hasOwn(labels, name) ? (labels[name] ?? '') : ''
  }
}

/** What stands above its column: the last part of the label's name, in words. */
export const labelHeading: Method = (...names) => (onlyOne(names).split('.').at(-1) ?? '').replace(/[-_]/g, ' ')

function onlyOne(names: readonly unknown[]): string {
  if (names.length === 1) return String(names[0])
  throw new TemplateValueError(`wrong number of args for Label: want 1 got ${names.length}`)
}
