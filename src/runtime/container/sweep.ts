/** Takes away what a killed monitor left: processes, cgroup, addresses, published ports and socket. Callers hold the container's lock. */
import { join } from 'node:path'
import { enterEvent } from '../event/journal.ts'
import { endpointsDir, readEndpoint } from '../network/record.ts'
import type { Runtime } from '../runtime.ts'
import { controlSocketPath, type StatePaths } from '../state/paths.ts'
import { listNames, removeIfThere } from '../state/record-file.ts'
import { cgroupsPath } from './cgroups-path.ts'
import type { ContainerStateRecord } from './monitor-spec.ts'
import { readContainer } from './record.ts'
import { isLost, lost, readWritten, replaceState } from './state.ts'

/** Does nothing unless the monitor is proven to be gone. Returns the state as it is then. */
export async function sweepLost(runtime: Runtime, containerId: string): Promise<ContainerStateRecord> {
  const written = readWritten(runtime.paths, containerId)
  if (!isLost(written)) return written
  await sweep(runtime, containerId)
  const state = { ...lost(written), finishedAtMs: Date.now() }
  replaceState(runtime.paths, state)
  tellOfEnd(runtime.paths, state)
  return state
}

/** Its monitor could not tell any more. */
function tellOfEnd(paths: StatePaths, { containerId, exitCode }: ContainerStateRecord): void {
  const record = readContainer(paths, containerId)
  if (record !== undefined) enterEvent(paths, { record, action: 'die', attributes: { exitCode: String(exitCode) } })
}

/** All of it may be gone already. The network namespace went with its last process. */
export async function sweep(runtime: Runtime, containerId: string): Promise<void> {
  const { paths, native } = runtime
  await native().addon.killCgroup(cgroupsPath(paths, containerId))
  for (const networkId of listNames(paths.networksDir)) giveAddressBack(runtime, networkId, containerId)
  removeIfThere(controlSocketPath(paths, containerId))
}

/** The ports first: as soon as the record is gone, another container may get the address. */
function giveAddressBack({ paths, native }: Runtime, networkId: string, containerId: string): void {
  const path = join(endpointsDir(paths, networkId), `${containerId}.json`)
  const endpoint = readEndpoint(path)
  if (endpoint !== undefined) native().addon.forgetAddress(endpoint.ipv4Address)
  removeIfThere(path)
}
