/** Changes a container where it stands: its monitor for now, its document for the next start, its record for whoever looks. */
import { join } from 'node:path'
import { type ContainerUpdate, DriverError, type ResourceSpec } from '../../driver/driver.ts'
import { enterEvent } from '../event/journal.ts'
import type { Runtime } from '../runtime.ts'
import { containerDir } from '../state/paths.ts'
import { readRecord, replaceRecord } from '../state/record-file.ts'
import { ask } from './ask.ts'
import { underContainerLock } from './lock.ts'
import { unknownResources } from './machine.ts'
import type { MonitorSpec, OciResources } from './monitor-spec.ts'
import { replaceContainer, requireContainer } from './record.ts'
import { resourcesOf } from './spec/resources.ts'
import { isUp, readState } from './state.ts'

/** The record comes last: until it tells of the change, the next command makes it again. What the kernel refuses changes nothing. */
export async function updateContainer(
  runtime: Runtime,
  { containerId, update }: { readonly containerId: string; readonly update: ContainerUpdate },
  signal: AbortSignal,
): Promise<void> {
  const { paths } = runtime
  const { labels, restart, resources } = update
  const settings = { restart, ...(resources && { resources: limitsOf(resources) }) }
  await underContainerLock(runtime, { containerId, signal }, async () => {
    const record = requireContainer(paths, containerId)
    if (isUp(readState(paths, containerId))) await tellMonitor(runtime, { containerId, settings }, signal)
    replaceInSpec(join(containerDir(paths, containerId), 'spec.json'), settings)
    const changed = { ...record, labels: { ...record.labels, ...labels } }
    replaceContainer(paths, changed)
    enterEvent(paths, { record: changed, action: 'update' })
  })
}

interface Settings {
  readonly restart: MonitorSpec['restart']
  readonly resources?: OciResources
}

/** Limits of disks and devices are no part of it. */
function limitsOf({ blockIo: _, ...resources }: ResourceSpec): OciResources {
  return resourcesOf({ resources }, { devices: [], unknown: unknownResources() })
}

function replaceInSpec(path: string, { restart, resources }: Settings): void {
  const spec = readRecord<MonitorSpec>(path)
  if (spec === undefined) return
  const { devices: _, ...limits } = resources ?? {}
  const linux = { ...spec.oci.linux, resources: { ...spec.oci.linux.resources, ...limits } }
  replaceRecord(path, { ...spec, restart, oci: { ...spec.oci, linux } })
}

interface Telling {
  readonly containerId: string
  readonly settings: Settings
}

/** One that has ended at this moment has read its document for the last time: the next start reads it anew. */
async function tellMonitor(runtime: Runtime, { containerId, settings }: Telling, signal: AbortSignal): Promise<void> {
  try {
    await ask(runtime, { containerId, op: 'update', ...settings }, signal)
  } catch (error) {
    const isLost = error instanceof DriverError && error.code === 'monitor-lost'
    if (!isLost || isUp(readState(runtime.paths, containerId))) throw error
  }
}
