/** Takes a network's bridge and rules off this host. */
import { join } from 'node:path'
import type { NetworkRecord } from '../container/monitor-spec.ts'
import { startMonitor } from '../monitor-program.ts'
import type { Runtime } from '../runtime.ts'
import { networkDir } from '../state/paths.ts'

/**
 * Done when they are not there. In a process of its own, which the kernel keeps some 35 ms longer than anything of the network can be seen; should
 * we be killed meanwhile, it holds the lock until it is done. Can't be cancelled: it takes some milliseconds.
 */
export function takeOffHost({ paths, native }: Runtime, record: NetworkRecord, lock: number): Promise<void> {
  const request = {
    arguments: ['remove-network', JSON.stringify(record)],
    environment: [],
    log: join(networkDir(paths, record.networkId), 'monitor.log'),
    kept: [lock],
    connected: false,
  }
  return startMonitor(native(), request, new AbortController().signal).answered
}
