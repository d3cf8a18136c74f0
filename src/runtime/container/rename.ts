/** Gives a container another name; it keeps answering to it on its networks from its next start. */
import { join } from 'node:path'
import { enterEvent } from '../event/journal.ts'
import type { Runtime } from '../runtime.ts'
import { underLock } from '../state/lock.ts'
import { claimName, releaseName } from '../state/names.ts'
import { containerDir } from '../state/paths.ts'
import { readRecord, replaceRecord } from '../state/record-file.ts'
import { underContainerLock } from './lock.ts'
import type { MonitorSpec } from './monitor-spec.ts'
import { containerNames, containersLock, refuseTakenName } from './names.ts'
import { type ContainerRecord, replaceContainer, requireContainer } from './record.ts'

export async function renameContainer(
  runtime: Runtime,
  container: { readonly containerId: string; readonly containerName: string },
  signal: AbortSignal,
): Promise<void> {
  const { paths, native } = runtime
  const { containerId, containerName } = container
  await underContainerLock(runtime, { containerId, signal }, () =>
    underLock(native().addon, containersLock(runtime, signal), () => {
      const record = requireContainer(paths, containerId)
      if (record.containerName === containerName) return
      refuseTakenName(paths, containerName)
      replaceContainer(paths, { ...record, otherName: containerName })
      const directory = containerDir(paths, containerId)
      claimName(containerNames(paths), containerName, { id: containerId, directory })
      renameInSpec(join(containerDir(paths, containerId), 'spec.json'), record.containerName, containerName)
      const { otherName: _, ...former } = record
      const endpoints = record.endpoints.map(renamed(record, containerName))
      const present: ContainerRecord = { ...former, containerName, endpoints }
      replaceContainer(paths, { ...present, otherName: record.containerName })
      // With the slash that Docker puts before it.
      enterEvent(paths, { record: present, action: 'rename', attributes: { oldName: `/${record.containerName}` } })
      releaseName(containerNames(paths), record.containerName)
      replaceContainer(paths, present)
    }),
  )
}

function renameInSpec(path: string, from: string, to: string): void {
  const spec = readRecord<MonitorSpec>(path)
  if (spec === undefined) return
  replaceRecord(path, { ...spec, containerName: to, network: renamedNetwork(spec.network, from, to) })
}

function renamedNetwork(network: MonitorSpec['network'], from: string, to: string): MonitorSpec['network'] {
  if (network.kind !== 'networks') return network
  const endpoints = network.endpoints.map((endpoint) => ({
    ...endpoint,
    aliases: replaced(endpoint.aliases, from, to),
  }))
  return { ...network, endpoints }
}

function renamed(
  record: ContainerRecord,
  to: string,
): (endpoint: ContainerRecord['endpoints'][number]) => ContainerRecord['endpoints'][number] {
  return (endpoint) => ({ ...endpoint, aliases: replaced(endpoint.aliases, record.containerName, to) })
}

function replaced(aliases: readonly string[], from: string, to: string): readonly string[] {
  return [...new Set(aliases.map((alias) => (alias === from ? to : alias)))]
}
