/** Notes about projects that were as they should be, and whether such a project still is. Loads nothing of what would change it. */
import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { repairNetworks } from '../../runtime/network/repair.ts'
import { openRuntime } from '../../runtime/runtime.ts'
import { type Seen, type Standing, standingSince, stands } from '../../runtime/standing.ts'
import { tryLock } from '../../runtime/state/lock.ts'
import { type StatePaths, statePaths } from '../../runtime/state/paths.ts'
import { listNames, readText, removeIfThere, replaceText } from '../../runtime/state/record-file.ts'
import { projectLockPath } from './project-lock.ts'

export type { Standing } from '../../runtime/standing.ts'

export interface SettledProjects {
  readonly keepNote: (key: string, text: string) => void
  /** See `standingSince` in runtime/standing.ts. */
  readonly standingSince: (seen: Seen) => Standing | undefined
  /** Whether all stands, with the networks' rules made good; false too while somebody else is at work on the project. */
  readonly stillStands: (projectName: string, standing: Standing) => boolean
}

/** The text of a note, if there is one. Loads no more than that takes. */
export function findNote(env: NodeJS.ProcessEnv, key: string): string | undefined {
  return readText(notePath(statePaths(env, uid()), key))
}

/** Lends the native part's digests to whoever needs some. */
export function openSettledProjects(env: NodeJS.ProcessEnv): SettledProjects {
  const runtime = openRuntime(env, uid())
  const { paths } = runtime
  const { addon } = runtime.native()
  return {
    keepNote: (key, text) => {
      const path = notePath(paths, key)
      makeRoom(dirname(path))
      replaceText(path, text)
    },
    standingSince: (seen) => standingSince(runtime, seen),
    stillStands: (projectName, standing) => {
      const release = tryLock(addon, { path: projectLockPath(paths, projectName), mode: 'exclusive' })
      try {
        if (release === undefined || !stands(runtime, standing)) return false
        repairNetworks(runtime)
        return true
      } finally {
        release?.()
      }
    },
  }
}

const uid = (): number => process.getuid?.() ?? 0

const notePath = ({ runDir }: StatePaths, key: string): string => join(runDir, 'settled', `${key}.json`)

/** Notes of so many commands are kept. */
const MOST_NOTES = 64

function makeRoom(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const names = listNames(directory)
  if (names.length >= MOST_NOTES) for (const name of names) removeIfThere(join(directory, name))
}
