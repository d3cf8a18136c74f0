/** Makes good what somebody has taken from networks in use: a firewall that is reloaded flushes everybody's rules. */
import { join } from 'node:path'
import type { Runtime } from '../runtime.ts'
import { tryLock } from '../state/lock.ts'
import { networkDir } from '../state/paths.ts'
import { hasLiveEndpoint, listNetworks, readNetwork } from './record.ts'

/** Of all projects, as one rule alone may keep another's containers in. A network that can't be mended is no reason to stop here. */
export async function repairNetworks(runtime: Runtime): Promise<void> {
  const used = listNetworks(runtime.paths).filter(({ networkId }) => isUsed(runtime, networkId))
  await Promise.allSettled(used.map(({ networkId }) => repair(runtime, networkId)))
}

const isUsed = ({ paths }: Runtime, networkId: string): boolean => hasLiveEndpoint(paths, networkId)

/** Whoever holds the network's lock looks after it himself. It must not be made again while it goes. */
async function repair(runtime: Runtime, networkId: string): Promise<void> {
  const { addon } = runtime.native()
  const release = tryLock(addon, { path: join(networkDir(runtime.paths, networkId), 'lock'), mode: 'exclusive' })
  if (release === undefined) return
  try {
    const record = readNetwork(runtime.paths, networkId)
    if (record !== undefined && isUsed(runtime, networkId)) await addon.ensureNetwork(JSON.stringify(record))
  } finally {
    release()
  }
}
