/** Where the values stand that services have from their env files and label files, which no Compose file shows. */
import type { Path, Project } from './project.ts'
import { locationOf, type Origin } from './tree/source.ts'

/** By service, then by section (`environment`, `labels`), then by key. */
export type FilePlaces = Map<string, Map<string, Map<string, Origin>>>

/** Takes the places of one section's values down; a later file's value wins, and so does its place. */
export function notePlaces(
  places: FilePlaces,
  service: string,
  section: string,
): (key: string, value: string, at: Origin) => void {
  const sections = places.get(service) ?? new Map<string, Map<string, Origin>>()
  const noted = new Map<string, Origin>()
  sections.set(section, noted)
  places.set(service, sections)
  return (key, _value, at) => noted.set(key, at)
}

/** What the Compose files say wins over the files they name. */
export function withPlaces(locate: Project['locate'], places: FilePlaces): Project['locate'] {
  return places.size === 0 ? locate : (path) => locate(path) ?? locationOf(placeOf(places, path))
}

function placeOf(places: FilePlaces, [top, service, section, key, ...below]: Path): Origin | undefined {
  if (top !== 'services' || below.length > 0) return undefined
  return places.get(String(service))?.get(String(section))?.get(String(key))
}
