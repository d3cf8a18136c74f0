/** Image references by the grammar of the distribution project, with Docker Hub's short names. Pure. */
import { DriverError } from '../../driver/driver.ts'

export interface Reference {
  /** `docker.io`, `localhost:5000`. */
  readonly registry: string
  /** `library/redis`. */
  readonly repository: string
  /** Absent only when there is a digest. */
  readonly tag?: string
  readonly digest?: string
}

export const HUB = 'docker.io'
const DEFAULT_TAG = 'latest'
const MAX_NAME = 255

const HOST_PART = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?'
const REGISTRY = new RegExp(`^(?:${HOST_PART}(?:\\.${HOST_PART})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?$`)
const REPOSITORY_PART = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
const REPOSITORY = new RegExp(`^${REPOSITORY_PART}(?:/${REPOSITORY_PART})*$`)
const TAG = /^\w[\w.-]{0,127}$/
const DIGEST = /^sha256:[a-f0-9]{64}$/

/** `redis`, `redis:7`, `ghcr.io/owner/app@sha256:…`; fails with what is wrong with it. */
export function parseReference(text: string): Reference {
  const { name, tag, digest } = split(text)
  const { registry, repository } = splitName(name)
  if (!REGISTRY.test(registry)) refuse(text, `"${registry}" is not the name of a registry`)
  if (repository !== repository.toLowerCase()) refuse(text, 'the repository name must be lower case')
  if (!REPOSITORY.test(repository)) refuse(text, `"${repository}" is not the name of a repository`)
  if (registry.length + 1 + repository.length > MAX_NAME) refuse(text, 'the name is longer than 255 characters')
  if (/^[a-f0-9]{64}$/.test(name)) refuse(text, 'a name of 64 hexadecimal digits would be taken for an image id')
  if (tag !== undefined && !TAG.test(tag)) refuse(text, `"${tag}" is not a tag`)
  if (digest !== undefined && !DIGEST.test(digest)) refuse(text, `"${digest}" is not a sha256 digest`)
  return {
    registry,
    repository,
    ...(digest === undefined ? { tag: tag ?? DEFAULT_TAG } : tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  }
}

/** Undefined where `parseReference` fails: for text that may be an id. */
export function tryParseReference(text: string): Reference | undefined {
  try {
    return parseReference(text)
  } catch {
    return undefined
  }
}

/** The full form under which the store keeps it. A digest says more than a tag beside it. */
export function fullName({ registry, repository, tag, digest }: Reference): string {
  return `${registry}/${repository}${digest === undefined ? `:${tag}` : `@${digest}`}`
}

/** As people write it: `redis:7`. */
export function familiarName(reference: Reference): string {
  const { tag, digest } = reference
  return `${familiarRepository(reference)}${digest === undefined ? `:${tag}` : `@${digest}`}`
}

export function familiarRepository({ registry, repository }: Reference): string {
  if (registry !== HUB) return `${registry}/${repository}`
  const official = /^library\/([^/]+)$/.exec(repository)
  return official?.[1] ?? repository
}

function split(text: string): { readonly name: string; readonly tag?: string; readonly digest?: string } {
  const at = text.indexOf('@')
  const digest = at === -1 ? undefined : text.slice(at + 1)
  const rest = at === -1 ? text : text.slice(0, at)
  const colon = rest.indexOf(':', rest.lastIndexOf('/') + 1)
  const tag = colon === -1 ? undefined : rest.slice(colon + 1)
  const name = colon === -1 ? rest : rest.slice(0, colon)
  if (name === '') refuse(text, 'it has no name')
  return { name, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) }
}

/** The first part is a registry when it could not be a user of the Hub. */
function splitName(name: string): { readonly registry: string; readonly repository: string } {
  const slash = name.indexOf('/')
  const first = slash === -1 ? '' : name.slice(0, slash)
  const isRegistry = /[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase()
  const registry = isRegistry ? first : HUB
  const repository = isRegistry ? name.slice(slash + 1) : name
  const hub = registry === HUB || registry === 'index.docker.io'
  if (!hub) return { registry, repository }
  return { registry: HUB, repository: repository.includes('/') ? repository : `library/${repository}` }
}

function refuse(text: string, why: string): never {
  throw new DriverError('bad-reference', `"${text}" is not a valid image reference: ${why}`, {
    hint: 'write it as [REGISTRY/]REPOSITORY[:TAG][@sha256:DIGEST]',
  })
}
