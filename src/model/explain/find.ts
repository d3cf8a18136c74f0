/** The value that a path names, in a project as it is printed. */
import { type Findings, report } from '../findings.ts'
import { nodeAt } from '../locate.ts'
import { suggest } from '../nearest.ts'
import { isMapping, type Printed, printProject } from '../print.ts'
import type { Path, Service } from '../project.ts'
import type { Subject } from './subject.ts'

export interface Found {
  readonly path: Path
  readonly value: Printed
}

/** Undefined, and reported, when there is no such value. A key with dots may stand in several segments. */
export function findValue(subject: Subject, segments: readonly string[], findings: Findings): Found | undefined {
  let found: Found = { path: [], value: printProject(subject.project, 'yaml') }
  let rest = segments
  while (rest.length > 0) {
    const next = step(found, rest)
    if (!next) {
      const { message, hint } = leftOut(subject, found, rest) ?? missing(found, rest)
      report(findings, { code: 'no-such-value', message, hint, at: undefined })
      return undefined
    }
    found = { path: [...found.path, next.key], value: next.value }
    rest = rest.slice(next.used)
  }
  return found
}

interface Step {
  readonly key: string | number
  readonly value: Printed
  /** How many segments the key takes. */
  readonly used: number
}

function step({ value }: Found, segments: readonly string[]): Step | undefined {
  if (Array.isArray(value)) {
    const index = Number(segments[0])
    const item = value[index]
    return item === undefined ? undefined : { key: index, value: item, used: 1 }
  }
  if (!isMapping(value)) return undefined
  for (let used = 1; used <= segments.length; used++) {
    const key = segments.slice(0, used).join('.')
    for (const [name, item] of value) if (name === key) return { key, value: item, used }
  }
  return undefined
}

interface Words {
  readonly message: string
  readonly hint: string
}

/** What the files have and the project has not. */
function leftOut({ project, root }: Subject, { path }: Found, [name = '']: readonly string[]): Words | undefined {
  const section = path.length === 0 ? name : path.length === 1 ? String(path[0]) : ''
  if (section === 'services' && path.length === 1) return disabled(project.disabledServices[name], name)
  if (!MAY_BE_UNUSED.has(section) || !nodeAt(root, [...path, name])) return undefined
  const what = path.length === 0 ? `"${section}" is` : `"${section}.${name}" is`
  return { message: `${what} left out: no service uses it`, hint: 'add --all-resources' }
}

const MAY_BE_UNUSED: ReadonlySet<string> = new Set(['networks', 'volumes', 'configs', 'secrets', 'models'])

function disabled(service: Service | undefined, name: string): Words | undefined {
  if (!service) return undefined
  const [profile] = service.profiles ?? []
  return profile === undefined
    ? { message: `service "${name}" is left out: it was not named`, hint: `add ${name} to the services that you name` }
    : { message: `service "${name}" is disabled: none of its profiles is active`, hint: `add --profile ${profile}` }
}

function missing({ path, value }: Found, [segment = '']: readonly string[]): Words {
  const where = path.length === 0 ? 'the project' : `"${path.join('.')}"`
  const message = `${where} has no "${segment}"`
  if (Array.isArray(value)) return { message, hint: `it is a list of ${value.length}: indices start with 0` }
  if (!isMapping(value)) return { message, hint: 'it is a single value: leave that out' }
  return {
    message,
    hint: suggest(
      segment,
      [...value].map(([key]) => key),
      'look at what config prints',
    ),
  }
}
