/** Where an image is known to be besides the store: repositories it was pulled from or pushed to, and by which digest. */
import { parseReference, type Reference } from './reference.ts'
import { type ImageStore, readIndex } from './store.ts'

/** `docker.io/library/redis@sha256:…` */
export function originOf({ registry, repository }: Reference, digest: string): string {
  return `${registry}/${repository}@${digest}`
}

/** A repository knows one name of it by one digest; what it had before may be there still. */
export function withOrigin(origins: readonly string[], origin: string): readonly string[] {
  return origins.includes(origin) ? origins : [...origins, origin]
}

/** Of every image of the store under this digest: the same content, whatever its names are. */
export function knownOrigins(store: ImageStore, digest: string): readonly string[] {
  const same = readIndex(store).filter((one) => (one.indexDigest ?? one.manifest.digest) === digest)
  return [...new Set(same.flatMap(({ origins = [] }) => origins))]
}

/** Those whose repository one of the names is in: an image that lost a name is not told by it. */
export function toldOrigins(origins: readonly string[], names: readonly string[]): readonly Reference[] {
  const repositories = new Set(names.map((name) => repositoryOf(parseReference(name))))
  return origins.map(parseReference).filter((one) => one.digest !== undefined && repositories.has(repositoryOf(one)))
}

/** Where parts of an image are that is made on top of another one, which knows itself by another digest. */
export function originsOfParts(origins: readonly string[]): readonly string[] {
  return [...new Set(origins.map((one) => repositoryOf(parseReference(one))))]
}

function repositoryOf({ registry, repository }: Reference): string {
  return `${registry}/${repository}`
}
