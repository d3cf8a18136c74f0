/** Containers that should run by their restart policy and don't: the machine was started anew, or whoever watched over them was killed. */
import { join } from 'node:path'
import type { Runtime } from '../runtime.ts'
import { bootId } from '../state/identity.ts'
import { containerDir, type StatePaths } from '../state/paths.ts'
import { readRecord } from '../state/record-file.ts'
import type { ContainerStateRecord, MonitorSpec } from './monitor-spec.ts'
import { listContainerIds } from './record.ts'
import { isUp, readState } from './state.ts'

export function strandedContainerIds({ paths }: Runtime): readonly string[] {
  return listContainerIds(paths).filter((containerId) => isStranded(paths, containerId))
}

/** What is damaged is nobody's wish. */
function isStranded(paths: StatePaths, containerId: string): boolean {
  try {
    const state = readState(paths, containerId)
    const spec = readRecord<MonitorSpec>(join(containerDir(paths, containerId), 'spec.json'))
    return spec !== undefined && !isUp(state) && state.startedAtMs > 0 && isWanted(spec.restart, state)
  } catch {
    return false
  }
}

/** As Docker does it, except that `always` means no container which was stopped since this start of the machine. */
function isWanted({ kind }: MonitorSpec['restart'], state: ContainerStateRecord): boolean {
  switch (kind) {
    case 'always':
      return !state.stoppedByUser || state.bootId !== bootId()
    case 'unless-stopped':
      return !state.stoppedByUser
    case 'on-failure':
    case 'no':
      return false
  }
}
