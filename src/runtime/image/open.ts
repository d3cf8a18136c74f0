/** The image store of this user, for the commands that speak to it themselves, and which images its containers use. */
import { listContainers } from '../container/record.ts'
import { openRuntime } from '../runtime.ts'
import type { StatePaths } from '../state/paths.ts'
import type { Platform } from './document.ts'
import { hostPlatform, parsePlatform } from './platform.ts'
import { type ImageStore, openStore } from './store.ts'

export interface Images {
  readonly store: ImageStore
  /** What packs files, tscompose-files. */
  readonly filesProgram: () => string
  /** Images of containers, running or not. */
  readonly usedImageIds: () => ReadonlySet<string>
  /** How many, by the image's id. */
  readonly containersOfImages: () => ReadonlyMap<string, number>
}

export function openImages(env: NodeJS.ProcessEnv, uid: number): Images {
  const { paths, native } = openRuntime(env, uid)
  const containersOfImages = (): ReadonlyMap<string, number> => countContainers(paths)
  return {
    store: openStore(paths, native),
    filesProgram: () => native().filesPath,
    usedImageIds: () => new Set(containersOfImages().keys()),
    containersOfImages,
  }
}

/** `--platform`, or this machine's. */
export function wantedPlatform(text: string | undefined): Platform {
  return text === undefined ? hostPlatform(process.arch) : parsePlatform(text)
}

function countContainers(paths: StatePaths): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { imageId } of listContainers(paths)) counts.set(imageId, (counts.get(imageId) ?? 0) + 1)
  return counts
}
