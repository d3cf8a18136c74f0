/** How large each unpacked layer is: what unpacking noted in `layer.json`. */
import { join } from 'node:path'
import { readRecord } from '../state/record-file.ts'
import type { StoredImage } from './find.ts'
import { type ImageStore, layerDir } from './store.ts'

interface LayerRecord {
  readonly version: 1
  readonly sizeBytes: number
}

/** Lowest first; 0 for a layer that is not there. */
export function layerSizes(store: ImageStore, image: StoredImage): readonly number[] {
  return image.document.rootfs.diff_ids.map((diffId) => sizeOfLayer(layerDir(store, diffId)))
}

/** In bytes of file content. */
export function sizeOfLayer(directory: string): number {
  return readRecord<LayerRecord>(join(directory, 'layer.json'))?.sizeBytes ?? 0
}
