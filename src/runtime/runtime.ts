/** What every verb of the runtime needs: where the state lives and the native part, which is loaded when first asked for. */
import { existsSync, mkdirSync } from 'node:fs'
import { borrowDigests } from '../digests.ts'
import { loadNative, type Native } from './native.ts'
import { makeLowestLayer } from './state/lowest-layer.ts'
import { type StatePaths, statePaths } from './state/paths.ts'

export interface Runtime {
  /** The user that this process acts as; 0 is root. */
  readonly uid: number
  readonly paths: StatePaths
  readonly native: () => Native
}

export function openRuntime(env: NodeJS.ProcessEnv, uid: number): Runtime {
  let loaded: Native | undefined
  const native = (): Native => {
    loaded ??= loadNative(env)
    return loaded
  }
  borrowDigests(() => native().addon)
  return { uid, paths: statePaths(env, uid), native }
}

const PRIVATE = 0o700

/** Makes the directories that writers expect. Nobody but the owner looks into them. */
export function prepareDirectories({ paths, native }: Runtime): void {
  const { containersDir, networksDir, volumesDir, namesDir, locksDir, monitorsDir } = paths
  makePrivate(paths.dataDir)
  if (makePrivate(containersDir)) native().addon.spreadSubdirectories(containersDir)
  makeLowestLayer(paths.lowestLayer)
  for (const directory of [networksDir, volumesDir, namesDir, locksDir, monitorsDir]) makePrivate(directory)
}

/** Tells whether it was not there before. */
function makePrivate(directory: string): boolean {
  if (existsSync(directory)) return false
  return mkdirSync(directory, { recursive: true, mode: PRIVATE }) !== undefined
}
