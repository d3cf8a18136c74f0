/** Refuses words that no engine knows, where the schema of Compose takes any text or number. */
import type { Diagnostic } from '../diagnostic.ts'
import type { Path, Project, Service } from '../model/project.ts'
import { parseDuration } from '../model/units.ts'
import { placeOf } from './place.ts'

interface Refusal {
  readonly path: Path
  readonly message: string
  readonly hint: string
}

/** They would otherwise be taken for the default, which the user did not ask for. */
export function reviewWords(project: Project, serviceName: string, service: Service): readonly Diagnostic[] {
  const found = [...restartOf(service), ...conditionOf(service), ...namespacesOf(service), ...graceOf(service)]
  return found.map(({ path, message, hint }) => ({
    severity: 'error',
    code: 'bad-value',
    message,
    hint,
    ...placeOf(project, ['services', serviceName, ...path]),
  }))
}

const RESTART = /^(|no|always|unless-stopped|on-failure(:\d{1,9})?)$/

function restartOf({ restart = '' }: Service): readonly Refusal[] {
  if (RESTART.test(restart)) return []
  const hint = 'write no, always, unless-stopped, on-failure or on-failure:3'
  return [{ path: ['restart'], message: `"${restart}" is not a restart policy`, hint }]
}

const CONDITIONS: ReadonlySet<string> = new Set(['none', 'any', 'on-failure', 'always', 'unless-stopped'])

function conditionOf({ deploy }: Service): readonly Refusal[] {
  const condition = deploy?.restart_policy?.condition ?? 'any'
  if (CONDITIONS.has(condition)) return []
  const hint = 'write none, on-failure or any'
  return [{ path: ['deploy', 'restart_policy', 'condition'], message: `"${condition}" is not a restart policy`, hint }]
}

/** What each kind of namespace may be, besides that of another container. */
const MODES = {
  ipc: { words: ['none', 'private', 'shareable', 'host'], joins: true },
  pid: { words: ['host'], joins: true },
  uts: { words: ['host'], joins: false },
} as const

function namespacesOf(service: Service): readonly Refusal[] {
  return Object.entries(MODES).flatMap(([key, { words, joins }]) => {
    const mode = service[key as keyof typeof MODES] ?? ''
    const known: readonly string[] = ['', ...words]
    if (known.includes(mode) || (joins && /^(service|container):./.test(mode))) return []
    const hint = `write ${[...words, ...(joins ? ['service:NAME', 'container:NAME'] : [])].join(', ')}, or leave it out`
    return [{ path: [key], message: `"${key}: ${mode}" is not known`, hint }]
  })
}

function graceOf({ stop_grace_period: grace = '0s' }: Service): readonly Refusal[] {
  if ((parseDuration(grace) ?? 0) >= 0) return []
  const hint = 'write how long it may take, such as 10s'
  return [{ path: ['stop_grace_period'], message: `"stop_grace_period" can't be ${grace}`, hint }]
}
