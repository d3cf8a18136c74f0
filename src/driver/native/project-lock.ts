/** Where the lock of a project is. */
import { join } from 'node:path'
import type { StatePaths } from '../../runtime/state/paths.ts'

export function projectLockPath({ locksDir }: StatePaths, projectName: string): string {
  return join(locksDir, `project-${encodeURIComponent(projectName)}`)
}
