/** Takes a network away: its bridge and rules, its record, its name. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { DriverError } from '../../driver/driver.ts'
import type { NetworkRecord } from '../container/monitor-spec.ts'
import { prepareDirectories, type Runtime } from '../runtime.ts'
import { removeLasting } from '../state/lasting-record.ts'
import { underLock } from '../state/lock.ts'
import { releaseName } from '../state/names.ts'
import { networkDir } from '../state/paths.ts'
import { networksLock } from './create.ts'
import { findNetworkRecord, liveEndpoints, networkNames } from './record.ts'
import { takeOffHost } from './take-off.ts'

/** Done when it is gone, also when it was never there; `network-in-use` while a container runs on it. */
export async function removeNetwork(runtime: Runtime, networkName: string, signal: AbortSignal): Promise<void> {
  if (findNetworkRecord(runtime.paths, networkName) === undefined) return
  prepareDirectories(runtime)
  await underLock(runtime.native().addon, networksLock(runtime, signal), async () => {
    const record = findNetworkRecord(runtime.paths, networkName)
    if (record !== undefined) await removeRecord(runtime, record, signal)
  })
}

/** The network's own lock keeps monitors from attaching while it goes. */
function removeRecord(runtime: Runtime, record: NetworkRecord, signal: AbortSignal): Promise<void> {
  const { addon } = runtime.native()
  const directory = networkDir(runtime.paths, record.networkId)
  return underLock(addon, { path: join(directory, 'lock'), mode: 'exclusive', signal }, async (lock) => {
    refuseInUse(runtime, record)
    await takeOffHost(runtime, record, lock)
    // From here on it is gone; the rest may be interrupted.
    removeLasting(join(directory, 'network.json'))
    releaseName(networkNames(runtime.paths), record.networkName)
    rmSync(directory, { recursive: true, force: true })
  })
}

function refuseInUse({ paths }: Runtime, record: NetworkRecord): void {
  const users = liveEndpoints(paths, record.networkId).map((endpoint) => `"${endpoint.containerName}"`)
  if (users.length === 0) return
  throw new DriverError('network-in-use', `network "${record.networkName}" is in use by ${users.join(', ')}`, {
    hint: 'stop those containers first',
  })
}
