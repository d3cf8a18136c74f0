/** What a test does and sees by hand, past the driver's door. */
import type {
  ContainerSpec,
  HealthStatus,
  Observed,
  ObservedNetwork,
  ObservedVolume,
} from '../../../src/driver/driver.ts'
import { isAlive } from './cell.ts'
import type { FakeDriver } from './types.ts'
import type { World } from './world.ts'

type Methods = Pick<
  FakeDriver,
  'everything' | 'specOf' | 'filesOf' | 'setHealth' | 'exit' | 'publishImage' | 'addNetwork' | 'addVolume'
>

export function handMethods(world: World): Methods {
  return {
    everything(): Observed {
      return {
        containers: world.states(),
        networks: [...world.networks.values()],
        volumes: [...world.volumes.values()],
      }
    },

    specOf(containerName: string): ContainerSpec | undefined {
      return world.named(containerName)?.spec
    },

    filesOf(containerName: string): Readonly<Record<string, string>> {
      return Object.fromEntries(world.named(containerName)?.files ?? [])
    },

    setHealth(containerName: string, health: HealthStatus): void {
      const cell = world.named(containerName)
      if (cell !== undefined) world.change(cell, { health })
    },

    exit(containerName: string, exitCode: number): void {
      const cell = world.named(containerName)
      if (cell !== undefined && isAlive(cell)) world.end(cell, exitCode)
    },

    publishImage(reference: string, content: string): void {
      world.contents.set(reference, content)
    },

    addNetwork(network: ObservedNetwork): void {
      world.networks.set(network.networkName, network)
    },

    addVolume(volume: ObservedVolume): void {
      world.volumes.set(volume.volumeName, volume)
    },
  }
}
