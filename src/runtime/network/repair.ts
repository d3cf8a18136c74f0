/** Makes good what somebody has taken from networks in use: a firewall that is reloaded flushes everybody's rules. */
import type { Runtime } from '../runtime.ts'
import { tryLock } from '../state/lock.ts'
import { networkDir } from '../state/paths.ts'
import { listNames } from '../state/record-file.ts'
import { hasLiveEndpoint, readNetwork } from './record.ts'

/** Of all projects, as one rule alone may keep another's containers in. A network that can't be mended is no reason to stop here. */
export function repairNetworks(runtime: Runtime): void {
  for (const networkId of listNames(runtime.paths.networksDir)) {
    if (!hasLiveEndpoint(runtime.paths, networkId)) continue
    try {
      repair(runtime, networkId)
    } catch {}
  }
}

/** Whoever holds the network's lock looks after it himself. It must not be made again while it goes. */
function repair({ paths, native }: Runtime, networkId: string): void {
  const { addon } = native()
  const release = tryLock(addon, { path: `${networkDir(paths, networkId)}/lock`, mode: 'exclusive' })
  if (release === undefined) return
  try {
    const record = hasLiveEndpoint(paths, networkId) ? readNetwork(paths, networkId) : undefined
    if (record !== undefined) addon.repairNetwork(JSON.stringify(record))
  } finally {
    release()
  }
}
