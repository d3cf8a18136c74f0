/** The image store of this user, for the commands that speak to it themselves, and which images its containers use. */
import { readContainer } from '../container/record.ts'
import { openRuntime } from '../runtime.ts'
import type { StatePaths } from '../state/paths.ts'
import { listNames } from '../state/record-file.ts'
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
  const records = listNames(paths.containersDir).map((name) => readContainer(paths, name))
  return new Set(records.flatMap((record) => (record === undefined ? [] : [record.imageId])))
}
