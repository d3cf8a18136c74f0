/** Where a container's control groups are. */
import { join } from 'node:path'
import { containerDir, type StatePaths } from '../state/paths.ts'
import { readRecord } from '../state/record-file.ts'
import type { MonitorSpec } from './monitor-spec.ts'

/** Where it is when nothing else was asked for, in case its document is damaged. */
export function cgroupsPath(paths: StatePaths, containerId: string): string {
  try {
    const spec = readRecord<MonitorSpec>(join(containerDir(paths, containerId), 'spec.json'))
    if (spec !== undefined) return spec.oci.linux.cgroupsPath
  } catch {
    // Damaged: nothing in it can be trusted.
  }
  return `/tscompose/${containerId}`
}
