/** Images. */
import { type Driver, DriverError, type ObservedImage } from '../../../src/driver/driver.ts'
import type { World } from './world.ts'

type Methods = Pick<Driver, 'findImage' | 'pullImage' | 'pushImage' | 'buildImage' | 'removeImage'>

export function imageMethods(world: World): Methods {
  return {
    async findImage(reference: string, signal: AbortSignal): Promise<ObservedImage | undefined> {
      await world.enter('findImage', reference, signal)
      return world.images.get(reference)
    },

    async pullImage(
      { image: reference }: Parameters<Driver['pullImage']>[0],
      onEvent: Parameters<Driver['pullImage']>[1],
      signal: AbortSignal,
    ): Promise<void> {
      await world.enter('pullImage', reference, signal)
      if (world.options.registry !== undefined && !world.options.registry.includes(reference)) {
        throw new DriverError('image-not-found', `image "${reference}" is not in the registry`)
      }
      const image = world.imageFor(reference)
      onEvent({ kind: 'layer', digest: image.imageId, status: 'done', currentBytes: 10, totalBytes: 10 })
      world.images.set(reference, image)
      onEvent({ kind: 'done', imageId: image.imageId })
    },

    async pushImage(
      { image: reference }: Parameters<Driver['pushImage']>[0],
      onEvent: Parameters<Driver['pushImage']>[1],
      signal: AbortSignal,
    ): Promise<void> {
      await world.enter('pushImage', reference, signal)
      const image = world.images.get(reference)
      if (image === undefined)
        throw new DriverError('image-not-found', `image "${reference}" is not there to be pushed`)
      onEvent({ kind: 'layer', digest: image.imageId, status: 'pushed', currentBytes: 10, totalBytes: 10 })
      onEvent({ kind: 'done', digest: image.imageId, sizeBytes: 10 })
    },

    async buildImage(
      { image: reference }: Parameters<Driver['buildImage']>[0],
      onEvent: Parameters<Driver['buildImage']>[1],
      signal: AbortSignal,
    ): Promise<void> {
      await world.enter('buildImage', reference, signal)
      onEvent({ kind: 'output', line: `#1 building ${reference}` })
      const image = world.imageFor(reference)
      world.images.set(reference, image)
      onEvent({ kind: 'done', imageId: image.imageId })
    },

    async removeImage(reference: string, signal: AbortSignal): Promise<void> {
      await world.enter('removeImage', reference, signal)
      world.images.delete(reference)
    },
  }
}
