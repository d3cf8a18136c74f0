/** The table of contents that `docker save` writes: manifest.json. Pure but for the files it is given. */

import { type ArchivedImage, type ArchiveFiles, damaged } from './archive-files.ts'
import { MAX_BYTES } from './document.ts'
import { fullName, parseReference } from './reference.ts'

export function readDockerArchive(archive: ArchiveFiles): readonly ArchivedImage[] {
  const value: unknown = JSON.parse(archive.readText('manifest.json', MAX_BYTES.manifest))
  if (!Array.isArray(value)) throw damaged('its manifest.json is not a list')
  return value.map(imageOf)
}

function imageOf(value: unknown): ArchivedImage {
  const { Config, Layers, RepoTags } = (value ?? {}) as Record<string, unknown>
  if (typeof Config !== 'string' || !isTexts(Layers))
    throw damaged('its manifest.json names no configuration or no layers')
  if (RepoTags !== undefined && RepoTags !== null && !isTexts(RepoTags)) throw damaged('its names are no list')
  return {
    configPath: Config,
    layers: Layers.map((path) => ({ path })),
    references: ((RepoTags ?? []) as readonly string[]).map((name) => fullName(parseReference(name))),
  }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}
