/** Container names: one container for each. */
import { DriverError, LABEL } from '../../driver/driver.ts'
import type { Runtime } from '../runtime.ts'
import type { LockRequest } from '../state/lock.ts'
import { findByName, type NameIndex } from '../state/names.ts'
import type { StatePaths } from '../state/paths.ts'
import { type ContainerRecord, readContainer } from './record.ts'

export function containerNames(paths: StatePaths): NameIndex<ContainerRecord> {
  return {
    directory: `${paths.namesDir}/containers`,
    holder: (id, name) => {
      const record = readContainer(paths, id)
      return record?.containerName === name ? record : undefined
    },
  }
}

/** Held while containers come, go and change names, and while volumes go: a moment each time. */
export function containersLock({ paths }: Runtime, signal: AbortSignal): LockRequest {
  return { path: containersLockPath(paths), mode: 'exclusive', signal }
}

export function containersLockPath(paths: StatePaths): string {
  return `${paths.locksDir}/containers`
}

export function refuseTakenName(paths: StatePaths, containerName: string): void {
  const holder = findByName(containerNames(paths), containerName)
  if (holder === undefined) return
  const project = holder.labels[LABEL.project]
  const whose = project === undefined ? '' : ` of project "${project}"`
  throw new DriverError(
    'name-in-use',
    `the name "${containerName}" is in use by container "${holder.containerId.slice(0, 12)}"${whose}`,
    { hint: 'remove or rename that container, or choose another name' },
  )
}
