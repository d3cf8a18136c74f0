/** The values that services have from their env files and label files, which no Compose file shows, and where they stand. */
import type { FileValue } from './dotenv.ts'
import type { Path, Project } from './project.ts'
import { locationOf } from './tree/source.ts'

/** By service, then by section (`environment`, `labels`), then by key; of several values the last one counts. */
export type FileValues = ReadonlyMap<string, ReadonlyMap<string, ReadonlyMap<string, readonly FileValue[]>>>
export type NotedValues = Map<string, Map<string, Map<string, FileValue[]>>>

/** Takes one section's values down. */
export function noteValues(values: NotedValues, service: string, section: string): (value: FileValue) => void {
  const sections = values.get(service) ?? new Map<string, Map<string, FileValue[]>>()
  const noted = new Map<string, FileValue[]>()
  sections.set(section, noted)
  values.set(service, sections)
  return (value) => {
    const known = noted.get(value.name)
    if (known) known.push(value)
    else noted.set(value.name, [value])
  }
}

/** What the files say of one value, the last one last. */
export function fileValuesAt(values: FileValues, [top, service, section, key, ...below]: Path): readonly FileValue[] {
  if (top !== 'services' || below.length > 0) return []
  return values.get(String(service))?.get(String(section))?.get(String(key)) ?? []
}

/** What the Compose files say wins over the files they name. */
export const withPlaces =
  (locate: Project['locate'], values: FileValues): Project['locate'] =>
  (path) =>
    locate(path) ?? locationOf(fileValuesAt(values, path).at(-1)?.at)
