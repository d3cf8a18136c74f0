/** Notes about projects that were as they should be (ADR 19). The launcher reads them. */
import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { openRuntime } from '../../runtime/runtime.ts'
import { type Seen, type StandingContainers, standingSince } from '../../runtime/standing.ts'
import { listNames, removeIfThere, replaceText } from '../../runtime/state/record-file.ts'
import { projectLockPath } from './project-lock.ts'

export interface Standing extends StandingContainers {
  /** The lock of whoever works on the project. */
  readonly projectLock: string
  /** Where the records of all networks are, whose rules are made good. */
  readonly networksDir: string
}

export interface SettledProjects {
  /** Of the command with this digest. */
  readonly keepNote: (digest: string, text: string) => void
  /** See `standingSince` in runtime/standing.ts. */
  readonly standingSince: (projectName: string, seen: Seen) => Standing | undefined
}

export function openSettledProjects(env: NodeJS.ProcessEnv): SettledProjects {
  const runtime = openRuntime(env, process.getuid?.() ?? 0)
  const { paths } = runtime
  return {
    keepNote: (digest, text) => {
      const path = join(paths.runDir, 'settled', `${digest}.json`)
      makeRoom(dirname(path))
      replaceText(path, text)
    },
    standingSince: (projectName, seen) => {
      const standing = standingSince(runtime, seen)
      const { networksDir } = paths
      return standing && { ...standing, projectLock: projectLockPath(paths, projectName), networksDir }
    },
  }
}

/** Notes of so many commands are kept. */
const MOST_NOTES = 64

function makeRoom(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const names = listNames(directory)
  if (names.length >= MOST_NOTES) for (const name of names) removeIfThere(join(directory, name))
}
