/** Networks. */
import { type Driver, DriverError, type NetworkSpec, type ObservedNetwork } from '../../../src/driver/driver.ts'
import { isAlive } from './cell.ts'
import { sameLabels } from './labels.ts'
import type { World } from './world.ts'

type Methods = Pick<Driver, 'findNetwork' | 'createNetwork' | 'removeNetwork'>

export function networkMethods(world: World): Methods {
  return {
    async findNetwork(networkName: string, signal: AbortSignal): Promise<ObservedNetwork | undefined> {
      await world.enter('findNetwork', networkName, signal)
      return world.networks.get(networkName)
    },

    async createNetwork(spec: NetworkSpec, signal: AbortSignal): Promise<readonly string[]> {
      await world.enter('createNetwork', spec.networkName, signal)
      const known = world.networks.get(spec.networkName)
      if (known !== undefined && sameLabels(known.labels, spec.labels)) return []
      if (known !== undefined) throw new DriverError('name-in-use', `network "${spec.networkName}" exists already`)
      const { networkName, driver, labels } = spec
      world.networks.set(networkName, { networkId: world.newId(), networkName, driver, labels })
      return world.options.obstacles ?? []
    },

    async removeNetwork(networkName: string, signal: AbortSignal): Promise<void> {
      await world.enter('removeNetwork', networkName, signal)
      const user = [...world.containers.values()]
        .filter(isAlive)
        .find(({ state }) => state.endpoints.some((end) => end.networkName === networkName))?.state
      if (user !== undefined)
        throw new DriverError('network-in-use', `network "${networkName}" is used by "${user.containerName}"`)
      world.networks.delete(networkName)
    },
  }
}
