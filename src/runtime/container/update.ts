/** Changes a container where it stands: its document for the next start, its monitor for now, its record for whoever looks. */
import { join } from 'node:path'
import type { ContainerUpdate } from '../../driver/driver.ts'
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
    if (isUp(readState(paths, containerId)))
      await ask(controlSocketPath(paths, containerId), { op: 'update', restart }, signal)
    const changed = { ...record, labels: { ...record.labels, ...labels } }
    replaceContainer(paths, changed)
    enterEvent(paths, { record: changed, action: 'update' })
  })
}
