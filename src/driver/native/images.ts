/** Images of the native driver: those in the store. */
import { listContainers } from '../../runtime/container/record.ts'
import type { ContainerImage } from '../../runtime/container/spec/image.ts'
import { containerImageOf, findImage, observedImageOf, requireImage } from '../../runtime/image/find.ts'
import type { Pusher } from '../../runtime/image/push/to-registry.ts'
import { removeImage } from '../../runtime/image/remove.ts'
import type { ImageStore } from '../../runtime/image/store.ts'
import type { Runtime } from '../../runtime/runtime.ts'
import { type ContainerSpec, type Driver, DriverError } from '../driver.ts'

export function imageMethods(
  runtime: Runtime,
  store: ImageStore,
): Pick<Driver, 'findImage' | 'pullImage' | 'pushImage' | 'buildImage' | 'removeImage'> {
  let push: Pusher | undefined
  return {
    findImage: async (reference) => {
      const image = findImage(store, reference)
      return image === undefined ? undefined : observedImageOf(image)
    },
    pullImage: async (request, onEvent, signal) => {
      // Most commands pull nothing: what speaks to registries is loaded by those that do.
      const { pullFromRegistry } = await import('../../runtime/image/pull/from-registry.ts')
      await pullFromRegistry(store, request, { env: process.env, onEvent, signal })
    },
    pushImage: async (request, onEvent, signal) => {
      const { openPusher } = await import('../../runtime/image/push/to-registry.ts')
      push ??= openPusher(store, process.env)
      await push(request, onEvent, signal)
    },
    buildImage: async ({ image }) => {
      throw new DriverError('unsupported', `there is no builder to build image "${image}" with`)
    },
    removeImage: async (reference, signal) => {
      const usedImageIds = new Set(listContainers(runtime.paths).map((container) => container.imageId))
      await removeImage(store, reference, { force: false, usedImageIds, signal })
    },
  }
}

/** What a container is made from; `image-not-found` when it is not in the store. */
export function containerImage(store: ImageStore, spec: ContainerSpec): ContainerImage {
  return containerImageOf(store, requireImage(store, spec.image))
}
