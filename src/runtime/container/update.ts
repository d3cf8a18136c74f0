/** Changes a container where it stands: its document for the next start, its monitor for now, its record for whoever looks. */
import { join } from 'node:path'
import { type ContainerUpdate, DriverError } from '../../driver/driver.ts'
import { enterEvent } from '../event/journal.ts'
import type { Runtime } from '../runtime.ts'
import { containerDir, controlSocketPath } from '../state/paths.ts'
import { readRecord, replaceRecord } from '../state/record-file.ts'
import { ask } from './control.ts'
import { underContainerLock } from './lock.ts'
import type { MonitorSpec } from './monitor-spec.ts'
import { replaceContainer, requireContainer } from './record.ts'
import { isUp, readState } from './state.ts'

/** The record comes last: until it tells of the change, the next command makes it again. */
export async function updateContainer(
  runtime: Runtime,
  { containerId, update }: { readonly containerId: string; readonly update: ContainerUpdate },
  signal: AbortSignal,
): Promise<void> {
  const { paths } = runtime
  await underContainerLock(runtime, { containerId, signal }, async () => {
    const record = requireContainer(paths, containerId)
    const { labels, restart } = update
    const path = join(containerDir(paths, containerId), 'spec.json')
    const spec = readRecord<MonitorSpec>(path)
    if (spec !== undefined) replaceRecord(path, { ...spec, restart })
    if (isUp(readState(paths, containerId))) await tellMonitor(runtime, { containerId, restart }, signal)
    const changed = { ...record, labels: { ...record.labels, ...labels } }
    replaceContainer(paths, changed)
    enterEvent(paths, { record: changed, action: 'update' })
  })
}

interface Telling {
  readonly containerId: string
  readonly restart: ContainerUpdate['restart']
}

/** One that has ended at this moment has read its document for the last time: the next start reads it anew. */
async function tellMonitor({ paths }: Runtime, { containerId, restart }: Telling, signal: AbortSignal): Promise<void> {
  try {
    await ask(controlSocketPath(paths, containerId), { op: 'update', restart }, signal)
  } catch (error) {
    const isLost = error instanceof DriverError && error.code === 'monitor-lost'
    if (!isLost || isUp(readState(paths, containerId))) throw error
  }
}
