/**
 * Which services of a project run: those whose profile is active, and of these the ones the user named with what they depend on.
 * The given project is left as it was.
 */
import { fail } from './findings.ts'
import { suggest } from './nearest.ts'
import type { Project, Service } from './project.ts'

type Services = Project['services']

/** Take the services whose profiles are not active out of the way. */
export function withProfiles(project: Project, profiles: readonly string[]): Project {
  const active = new Set(profiles)
  const isActive = ({ profiles: own = [] }: Service): boolean =>
    own.length === 0 || active.has('*') || own.some((profile) => active.has(profile))
  const all = { ...project.services, ...project.disabledServices }
  return {
    ...project,
    profiles: Object.freeze([...profiles]),
    services: pick(all, (_name, service) => isActive(service)),
    disabledServices: pick(all, (_name, service) => !isActive(service)),
  }
}

/** Naming a service activates its profiles. */
export function enableNamed(project: Project, names: readonly string[]): Project {
  const more = names.flatMap((name) =>
    Object.hasOwn(project.services, name) ? [] : (project.disabledServices[name]?.profiles ?? []),
  )
  return more.length === 0 ? project : withProfiles(project, [...project.profiles, ...more])
}

/** Keep the named services and whatever they depend on; no names keep everything. Names may have wildcards. */
export function selectServices(project: Project, names: readonly string[]): Project {
  if (names.length === 0) return project
  const kept = closure(project, names)
  const rest = pick(project.services, (name) => !kept.has(name))
  const services = mapServices(
    pick(project.services, (name) => kept.has(name)),
    (service) => withoutDependencies(service, kept),
  )
  return { ...project, services, disabledServices: Object.freeze({ ...project.disabledServices, ...rest }) }
}

/** The named services and everything they depend on. */
function closure(project: Project, names: readonly string[]): ReadonlySet<string> {
  const kept = new Set<string>()
  const waiting: { readonly name: string; readonly required: boolean }[] = names.map((name) => ({
    name,
    required: true,
  }))
  const known = Object.keys(project.services)
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { name, required } = next
    const found = Object.hasOwn(project.services, name)
      ? [name]
      : known.filter((candidate) => matchesGlob(candidate, name))
    if (found.length === 0 && required) reportUnknown(name, project)
    for (const service of found) {
      if (kept.has(service)) continue
      kept.add(service)
      const dependencies = Object.entries(project.services[service]?.depends_on ?? {})
      waiting.push(...dependencies.map(([dependency, how]) => ({ name: dependency, required: how.required })))
    }
  }
  return kept
}

function reportUnknown(name: string, { services, disabledServices }: Project): never {
  const known = [...Object.keys(services), ...Object.keys(disabledServices)]
  const [profile] = (Object.hasOwn(disabledServices, name) && disabledServices[name]?.profiles) || []
  if (profile !== undefined) {
    const message = `service "${name}" is needed, but its profile is not active`
    return fail({ code: 'depends-on-disabled', message, hint: `add --profile ${profile}`, at: undefined })
  }
  return fail({
    code: 'no-such-service',
    message: `no such service: ${name}`,
    hint: suggest(name, known, 'see what there is with "tscompose config --services"'),
    at: undefined,
  })
}

function withoutDependencies(service: Service, kept: ReadonlySet<string>): Service {
  const { depends_on: dependencies, ...rest } = service
  if (!dependencies || Object.keys(dependencies).every((name) => kept.has(name))) return service
  const left = pick(dependencies, (name) => kept.has(name))
  return Object.freeze(Object.keys(left).length === 0 ? rest : { ...rest, depends_on: left })
}

/** Drop networks, volumes, configs, secrets and models that no service uses. */
export function withoutUnused(project: Project): Project {
  const services = Object.values(project.services)
  const used = (names: (service: Service) => readonly (string | undefined)[]): ReadonlySet<string | undefined> =>
    new Set(services.flatMap(names))
  const keep = <Element>(
    elements: Readonly<Record<string, Element>>,
    names: ReadonlySet<string | undefined>,
  ): Readonly<Record<string, Element>> => pick(elements, (name) => names.has(name))
  const sources = (references: readonly { readonly source: string }[] = []): readonly string[] =>
    references.map(({ source }) => source)
  return {
    ...project,
    networks: keep(
      project.networks,
      used((service) => Object.keys(service.networks ?? {})),
    ),
    volumes: keep(
      project.volumes,
      used((service) => (service.volumes ?? []).map(({ type, source }) => (type === 'volume' ? source : undefined))),
    ),
    configs: keep(
      project.configs,
      used((service) => sources(service.configs)),
    ),
    secrets: keep(
      project.secrets,
      used((service) => [...sources(service.secrets), ...sources(service.build?.secrets)]),
    ),
    models: keep(
      project.models,
      used((service) => Object.keys(service.models ?? {})),
    ),
  }
}

export function mapServices(services: Services, change: (service: Service, name: string) => Service): Services {
  const result: Record<string, Service> = Object.create(null)
  for (const [name, service] of Object.entries(services)) result[name] = change(service, name)
  return Object.freeze(result)
}

function pick<Element>(
  elements: Readonly<Record<string, Element>>,
  keep: (name: string, element: Element) => boolean,
): Readonly<Record<string, Element>> {
  const result: Record<string, Element> = Object.create(null)
  for (const [name, element] of Object.entries(elements)) if (keep(name, element)) result[name] = element
  return Object.freeze(result)
}

/** Shell wildcards: `*`, `?` and `[abc]`. Walks both texts once per star, so that no pattern can make it slow. */
export function matchesGlob(name: string, pattern: string): boolean {
  if (!/[*?[\\]/.test(pattern)) return name === pattern
  const pieces = piecesOf(pattern)
  let [at, spot, star, mark] = [0, 0, -1, 0]
  while (at < name.length) {
    const piece = pieces[spot]
    if (piece === STAR) [star, mark, spot] = [spot, at, spot + 1]
    else if (piece?.(name.charAt(at))) [at, spot] = [at + 1, spot + 1]
    else if (star >= 0) [spot, mark, at] = [star + 1, mark + 1, mark + 1]
    else return false
  }
  return pieces.slice(spot).every((piece) => piece === STAR)
}

/** Whether one character is as it should be. */
type Piece = (character: string) => boolean

const STAR: Piece = () => true

function piecesOf(pattern: string): readonly Piece[] {
  const pieces: Piece[] = []
  const lastClose = pattern.lastIndexOf(']')
  for (let at = 0; at < pattern.length; ) {
    SET.lastIndex = at
    const [set, negated, members = ''] = (at < lastClose && SET.exec(pattern)) || []
    const escaped = pattern[at] === '\\'
    pieces.push(
      set === undefined ? pieceOf(pattern.slice(at, at + (escaped ? 2 : 1))) : setOf(members, negated === '^'),
    )
    at += set?.length ?? (escaped ? 2 : 1)
  }
  return pieces
}

const SET = /\[(\^?)([^\]]+)\]/y

const setOf =
  (members: string, isNegated: boolean): Piece =>
  (character) =>
    inSet(character, members) !== isNegated

function pieceOf(text: string): Piece {
  if (text === '*') return STAR
  if (text.startsWith('\\')) return (character) => character === text[1]
  return (character) => text === '?' || text === character
}

const inSet = (character: string, set: string): boolean =>
  [...set.matchAll(/(.)-(.)|(.)/g)].some(
    ([, from, to, one]) =>
      one === character || (from !== undefined && to !== undefined && character >= from && character <= to),
  )
