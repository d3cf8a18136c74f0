/** What unpacking refuses knows nothing of images: here it is said of which, and of which layer. */
import { DriverError } from '../../driver/driver.ts'
import type { ImageStore } from './store.ts'

export interface RefusedLayer {
  /** As people write it. */
  readonly image: string
  /** Its digest, or where it lies in an archive. */
  readonly layer: string
}

export function refusedLayer(error: unknown, { image, layer }: RefusedLayer, { layersDir }: ImageStore): unknown {
  if (!(error instanceof DriverError) || error.code !== 'refused') return error
  const { message } = error
  const isFull = /No space left on device|Disk quota exceeded/.test(message)
  const hint = isFull ? `free some space: it goes below "${layersDir}"` : error.hint
  if (message.includes(layer)) return error
  return new DriverError('refused', `layer "${layer}" of image "${image}" can't be unpacked: ${message}`, {
    ...(hint === undefined ? {} : { hint }),
    cause: error,
  })
}
