/** The image store of this user, for the commands that speak to it themselves, and which images its containers use. */
import { listContainers } from '../container/record.ts'
import { openRuntime } from '../runtime.ts'
import type { StatePaths } from '../state/paths.ts'
import type { Platform } from './document.ts'
import { hostPlatform, parsePlatform } from './platform.ts'
import { type ImageStore, openStore } from './store.ts'

export interface Images {
  readonly store: ImageStore
  /** Images of containers, running or not. */
  readonly usedImageIds: () => ReadonlySet<string>
}

export function openImages(env: NodeJS.ProcessEnv, uid: number): Images {
  const { paths, native } = openRuntime(env, uid)
  return { store: openStore(paths, native), usedImageIds: () => usedImageIds(paths) }
}

/** `--platform`, or this machine's. */
export function wantedPlatform(text: string | undefined): Platform {
  return text === undefined ? hostPlatform(process.arch) : parsePlatform(text)
}

function usedImageIds(paths: StatePaths): ReadonlySet<string> {
  return new Set(listContainers(paths).map(({ imageId }) => imageId))
}
