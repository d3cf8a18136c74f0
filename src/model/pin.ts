/**
 * Images by digest: where a project names images, the same project with each of them pinned, and the override file that does nothing
 * but pin them. It takes a Project or a model as plain values; in the latter, not interpolated, a value may be of any kind.
 */
import type { Path, Project } from './project.ts'

export interface ImagePlace {
  /** As it is written. */
  readonly image: string
  readonly path: Path
}

type Mapping = Readonly<Record<string, unknown>>

/** A project, or anything else that has services. */
export interface Composed {
  readonly services?: unknown
  readonly disabledServices?: unknown
}

/** The images of services and of their hooks, and those that are mounted. */
export function imagePlaces(composed: Composed): readonly ImagePlace[] {
  const names = serviceNames(composed)
  return Object.entries(mapping(composed.services)).flatMap(([name, service]) =>
    placesIn(mapping(service), names).map(({ image, path }) => ({ image, path: ['services', name, ...path] })),
  )
}

/** The same with other images; what `pins` doesn't know stays. */
export function withPins<Subject extends Composed>(composed: Subject, pins: ReadonlyMap<string, string>): Subject {
  const names = serviceNames(composed)
  const pinned = (service: unknown): unknown =>
    placesIn(mapping(service), names).reduce(
      (changed, { image, path }) => replaceAt(changed, path, pins.get(image) ?? image),
      service,
    )
  return composed.services ? { ...composed, services: mapped(mapping(composed.services), pinned) } : composed
}

/** What an override file needs to pin the images of a project, and nothing else. */
export function lockOf(project: Project): Project {
  const services = mapped(project.services as Mapping, locked) as Project['services']
  return {
    ...project,
    name: '',
    services,
    networks: {},
    volumes: {},
    configs: {},
    secrets: {},
    models: {},
    extensions: {},
  }
}

export function lockOfModel({ services }: Composed): Composed {
  return services ? { services: mapped(mapping(services), locked) } : {}
}

/** Hooks are added up when files are merged, so an override file can't pin the image of one. */
export function servicesWithHookImages(composed: Composed): readonly string[] {
  return Object.entries(mapping(composed.services)).flatMap(([name, service]) =>
    mappings(mapping(service).pre_start).some(([, { image }]) => isImage(image)) ? [name] : [],
  )
}

function placesIn(service: Mapping, services: ReadonlySet<string>): readonly ImagePlace[] {
  const own = { image: service.image, path: ['image'] }
  const hooks = mappings(service.pre_start).map(([index, { image }]) => ({
    image,
    path: ['pre_start', index, 'image'],
  }))
  const mounted = mappings(service.volumes)
    .filter(([, volume]) => isMountedImage(volume) && !services.has(String(volume.source)))
    .map(([index, { source }]) => ({ image: source, path: ['volumes', index, 'source'] }))
  return [own, ...hooks, ...mounted].flatMap(({ image, path }) => (isImage(image) ? [{ image, path }] : []))
}

const isImage = (value: unknown): value is string => typeof value === 'string' && value !== ''

/** Its source is an image, or a service whose image is meant. */
const isMountedImage = ({ type }: Mapping): boolean => type === 'image'

function locked(service: unknown): Mapping {
  const { image, volumes } = mapping(service)
  const mounted = mappings(volumes).flatMap(([, volume]) => (isMountedImage(volume) ? [volume] : []))
  return { ...(image === undefined ? {} : { image }), ...(mounted.length === 0 ? {} : { volumes: mounted }) }
}

function serviceNames({ services, disabledServices }: Composed): ReadonlySet<string> {
  return new Set([...Object.keys(mapping(services)), ...Object.keys(mapping(disabledServices))])
}

function replaceAt(value: unknown, [key, ...rest]: Path, text: string): unknown {
  if (key === undefined) return text
  if (Array.isArray(value)) return value.map((item, index) => (index === key ? replaceAt(item, rest, text) : item))
  const record = mapping(value)
  return { ...record, [key]: replaceAt(record[key], rest, text) }
}

function mapped(record: Mapping, change: (value: unknown) => unknown): Mapping {
  const result: Record<string, unknown> = Object.create(null)
  for (const [name, value] of Object.entries(record)) result[name] = change(value)
  return Object.freeze(result)
}

const mapping = (value: unknown): Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Mapping) : {}

/** The mappings of a list, each with its place in it. */
const mappings = (value: unknown): readonly (readonly [index: number, item: Mapping])[] =>
  Array.isArray(value) ? value.map((item, index) => [index, mapping(item)] as const) : []
