/** Containers, from their creation to their removal. */
import {
  type ContainerSpec,
  type ContainerUpdate,
  type Driver,
  DriverError,
  type ObservedContainer,
} from '../../../src/driver/driver.ts'
import { isAlive } from './cell.ts'
import { newCell } from './new-cell.ts'
import { requireFreeName, requireParts } from './requirements.ts'
import { startContainer } from './start.ts'
import type { World } from './world.ts'

type Methods = Pick<
  Driver,
  'createContainer' | 'updateContainer' | 'renameContainer' | 'removeContainer' | 'inspectContainer' | 'startContainer'
>

export function containerMethods(world: World): Methods {
  return {
    async createContainer(spec: ContainerSpec, signal: AbortSignal): Promise<string> {
      await world.enter('createContainer', spec.containerName, signal)
      const image = world.images.get(spec.image)
      if (image === undefined) throw new DriverError('image-not-found', `image "${spec.image}" is not here`)
      requireFreeName(world, spec.containerName)
      requireParts(world, spec)
      const containerId = world.newId()
      const cell = newCell(world, containerId, spec, image)
      world.containers.set(containerId, cell)
      world.tell(cell, 'create')
      return containerId
    },

    async updateContainer(containerId: string, update: ContainerUpdate, signal: AbortSignal): Promise<void> {
      const cell = await world.enterContainer('updateContainer', containerId, signal)
      const labels = { ...cell.state.labels, ...update.labels }
      const resources = { ...cell.spec.resources, ...update.resources }
      cell.spec = {
        ...cell.spec,
        labels: { ...cell.spec.labels, ...update.labels },
        restart: update.restart,
        resources,
      }
      world.change(cell, { labels })
    },

    async renameContainer(containerId: string, containerName: string, signal: AbortSignal): Promise<void> {
      const cell = await world.enterContainer('renameContainer', containerId, signal)
      if (cell.state.containerName === containerName) return
      requireFreeName(world, containerName)
      const oldName = `/${cell.state.containerName}`
      world.change(cell, { containerName })
      world.tell(cell, 'rename', { oldName })
    },

    async removeContainer(
      containerId: string,
      options: { readonly anonymousVolumes: boolean },
      signal: AbortSignal,
    ): Promise<void> {
      await world.enter(
        'removeContainer',
        world.containers.get(containerId)?.state.containerName ?? containerId,
        signal,
      )
      const cell = world.containers.get(containerId)
      if (cell === undefined) return
      if (isAlive(cell)) world.end(cell, 137)
      world.containers.delete(containerId)
      world.tell(cell, 'destroy')
      if (options.anonymousVolumes) for (const volume of cell.anonymousVolumes) dropUnused(world, volume)
      for (const wake of cell.watchers) wake()
    },

    async inspectContainer(containerId: string, signal: AbortSignal): Promise<ObservedContainer> {
      return (await world.enterContainer('inspectContainer', containerId, signal)).state
    },

    startContainer: (containerId, signal) => startContainer(world, containerId, signal),
  }
}

function dropUnused(world: World, volumeName: string): void {
  if (!world.states().some((one) => one.mounts.some((mount) => mount.name === volumeName)))
    world.volumes.delete(volumeName)
}
