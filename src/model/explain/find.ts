/** The value that a path names, in a project as it is printed. */
import { type Findings, report } from '../findings.ts'
import { suggest } from '../nearest.ts'
import { isMapping, type Printed, printProject } from '../print.ts'
import type { Path, Project } from '../project.ts'

export interface Found {
  readonly path: Path
  readonly value: Printed
}

/** Undefined, and reported, when there is no such value. A key with dots may stand in several segments. */
export function findValue(project: Project, segments: readonly string[], findings: Findings): Found | undefined {
  let found: Found = { path: [], value: printProject(project, 'yaml') }
  let rest = segments
  while (rest.length > 0) {
    const next = step(found, rest)
    if (!next) {
      reportMissing(project, found, rest, findings)
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

function reportMissing(project: Project, { path, value }: Found, rest: readonly string[], findings: Findings): void {
  const [segment = ''] = rest
  const [top, service] = [path[0] ?? '', segment]
  const profiles = top === 'services' && path.length === 1 ? project.disabledServices[service]?.profiles : undefined
  if (profiles) {
    const message = `service "${service}" is disabled: none of its profiles is active`
    report(findings, { code: 'no-such-value', message, hint: `add --profile ${profiles[0] ?? ''}`, at: undefined })
    return
  }
  const where = path.length === 0 ? 'the project' : `"${path.join('.')}"`
  const keys = isMapping(value) ? [...value].map(([key]) => key) : []
  const list = Array.isArray(value) ? `it is a list of ${value.length}: indices start with 0` : undefined
  report(findings, {
    code: 'no-such-value',
    message: `${where} has no "${segment}"`,
    hint: list ?? suggest(segment, keys, 'look at what config prints'),
    at: undefined,
  })
}
