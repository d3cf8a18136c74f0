/** Networks of the native driver. */
import { createNetwork } from '../../runtime/network/create.ts'
import { findNetworkRecord, observedNetwork } from '../../runtime/network/record.ts'
import { removeNetwork } from '../../runtime/network/remove.ts'
import type { Runtime } from '../../runtime/runtime.ts'
import type { Driver } from '../driver.ts'

export function networkMethods(runtime: Runtime): Pick<Driver, 'findNetwork' | 'createNetwork' | 'removeNetwork'> {
  return {
    findNetwork: async (networkName) => {
      const record = findNetworkRecord(runtime.paths, networkName)
      return record === undefined ? undefined : observedNetwork(record)
    },
    createNetwork: (spec, signal) => createNetwork(runtime, spec, signal),
    removeNetwork: (networkName, signal) => removeNetwork(runtime, networkName, signal),
  }
}
