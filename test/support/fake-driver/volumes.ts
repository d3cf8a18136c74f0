/** Volumes. */
import { type Driver, DriverError, type ObservedVolume, type VolumeSpec } from '../../../src/driver/driver.ts'
import { sameLabels } from './labels.ts'
import type { World } from './world.ts'

type Methods = Pick<Driver, 'findVolume' | 'createVolume' | 'removeVolume'>

export function volumeMethods(world: World): Methods {
  return {
    async findVolume(volumeName: string, signal: AbortSignal): Promise<ObservedVolume | undefined> {
      await world.enter('findVolume', volumeName, signal)
      return world.volumes.get(volumeName)
    },

    async createVolume(spec: VolumeSpec, signal: AbortSignal): Promise<void> {
      await world.enter('createVolume', spec.volumeName, signal)
      const known = world.volumes.get(spec.volumeName)
      if (known !== undefined && sameLabels(known.labels, spec.labels)) return
      if (known !== undefined) throw new DriverError('name-in-use', `volume "${spec.volumeName}" exists already`)
      world.volumes.set(spec.volumeName, { volumeName: spec.volumeName, driver: spec.driver, labels: spec.labels })
    },

    async removeVolume(volumeName: string, signal: AbortSignal): Promise<void> {
      await world.enter('removeVolume', volumeName, signal)
      const user = world.states().find((one) => one.mounts.some((mount) => mount.name === volumeName))
      if (user !== undefined)
        throw new DriverError('volume-in-use', `volume "${volumeName}" is used by "${user.containerName}"`)
      world.volumes.delete(volumeName)
    },
  }
}
