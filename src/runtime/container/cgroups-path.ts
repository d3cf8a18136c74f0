/** Where a container's control groups are. */
import { join } from 'node:path'
import { containerDir, type StatePaths } from '../state/paths.ts'
import { readRecord } from '../state/record-file.ts'
import type { MonitorSpec } from './monitor-spec.ts'

/** Where it is when nothing else was asked for, in case its document is damaged, or speaks of another container. */
export function cgroupsPath(paths: StatePaths, containerId: string): string {
  try {
    const spec = readRecord<MonitorSpec>(join(containerDir(paths, containerId), 'spec.json'))
    const path = spec?.oci.linux.cgroupsPath
    if (path?.endsWith(`/${containerId}`)) return path
  } catch {
    // Damaged: nothing in it can be trusted.
  }
  return `/tscompose/${containerId}`
}
