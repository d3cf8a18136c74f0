/** Images of the native driver: those in the store. */
import { listContainers } from '../../runtime/container/record.ts'
import type { ContainerImage } from '../../runtime/container/spec/image.ts'
import { containerImageOf, findImage, observedImageOf, requireImage } from '../../runtime/image/find.ts'
import { wantedPlatform } from '../../runtime/image/open.ts'
import { pullInto } from '../../runtime/image/pull/pull.ts'
import { openClient } from '../../runtime/image/registry/client.ts'
import { dockerCredentials } from '../../runtime/image/registry/credentials.ts'
import { removeImage } from '../../runtime/image/remove.ts'
import { type ImageStore, openStore } from '../../runtime/image/store.ts'
import type { Runtime } from '../../runtime/runtime.ts'
import type { ContainerSpec, Driver } from '../driver.ts'

export function imageMethods(runtime: Runtime): Pick<Driver, 'findImage' | 'pullImage' | 'removeImage'> {
  const store = storeOf(runtime)
  return {
    findImage: async (reference) => {
      const image = findImage(store, reference)
      return image === undefined ? undefined : observedImageOf(image)
    },
    pullImage: async (image, onEvent, signal) => {
      const client = openClient({ credentials: dockerCredentials(process.env), signal })
      const wanted = { platform: wantedPlatform(undefined), isStrict: false }
      const imageId = await pullInto(store, { image, client, wanted, onEvent, signal })
      onEvent({ kind: 'done', imageId })
    },
    removeImage: async (reference, signal) => {
      const usedImageIds = new Set(listContainers(runtime.paths).map((container) => container.imageId))
      await removeImage(store, reference, { force: false, usedImageIds, signal })
    },
  }
}

/** What a container is made from; `image-not-found` when it is not in the store. */
export function containerImage(runtime: Runtime, spec: ContainerSpec): ContainerImage {
  const store = storeOf(runtime)
  return containerImageOf(store, requireImage(store, spec.image))
}

function storeOf({ paths, native }: Runtime): ImageStore {
  return openStore(paths, native)
}
