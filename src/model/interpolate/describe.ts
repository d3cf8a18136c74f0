/** What is said about a reference to a variable that has no value, and where in the text it stands. */
import type { Finding } from '../findings.ts'
import type { Origin } from '../tree/source.ts'
import type { TemplateError } from './template.ts'

type Words = Pick<Finding, 'code' | 'message' | 'hint'>

/** Docker Compose's own sentence: scripts look for it. */
export const describeUnset = (name: string): Words => ({
  code: 'unset-variable',
  message: `The "${name}" variable is not set. Defaulting to a blank string.`,
  hint: `set it in the environment or in .env, or write what stands in for it: \${${name}:-...}`,
})

const DOLLAR = 'write $$ for a dollar sign that is only text'

export function describeTemplateError({ kind, message, variable = '', hint = DOLLAR }: TemplateError): Words {
  if (kind === 'invalid') return { code: 'invalid-interpolation', message, hint }
  const reason = message === '' ? '' : `: ${message}`
  return {
    code: 'required-variable',
    message: `required variable "${variable}" is missing a value${reason}`,
    hint: `set it in the environment or in .env: ${variable}=...`,
  }
}

/** Where a variable is first named in a text; -1 for nowhere. */
export function firstReference(template: string, name: string): number {
  for (let at = template.indexOf(name); at >= 0; at = template.indexOf(name, at + 1)) {
    const start = template[at - 1] === '{' ? at - 2 : at - 1
    if (template[start] === '$' && !/\w/.test(template[at + name.length] ?? '')) return start
  }
  return -1
}

/** The place of a reference inside a scalar; of the scalar where its text is not in the file as it is, because of escapes. */
export function within(at: Origin | undefined, template: string, offset: number): Origin | undefined {
  if (!at || offset < 0) return at
  const reference = referenceAt(template, offset)
  const written = at.source.text.slice(at.start, at.end)
  let found = written.indexOf(reference)
  // The same reference may stand in the text before.
  for (let earlier = template.indexOf(reference); earlier < offset && found >= 0; ) {
    earlier = template.indexOf(reference, earlier + 1)
    found = written.indexOf(reference, found + 1)
  }
  return found < 0 ? at : { source: at.source, start: at.start + found, end: at.start + found + reference.length }
}

/** From its dollar sign to its end, or that of the line. */
function referenceAt(template: string, offset: number): string {
  const line = template.slice(offset).split('\n', 1)[0] ?? ''
  if (line[1] !== '{') return /^\$\w+/.exec(line)?.[0] ?? line
  let open = 0
  for (let at = 0; at < line.length; at++) {
    if (line[at] === '{') open++
    else if (line[at] === '}' && --open === 0) return line.slice(0, at + 1)
  }
  return line
}
