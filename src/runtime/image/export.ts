/** `image export`: the files of an image as one archive, as its containers find them: what `image import` brings in again. */
import { join } from 'node:path'
import { randomHex } from '../../digests.ts'
import { type FileHand, packTo } from '../container/files.ts'
import { takeLock } from '../state/lock.ts'
import { layerDirs, type StoredImage } from './find.ts'
import { contentLock, type ImageStore } from './store.ts'

/** Its layers are put together for as long as it takes; what that needs a place for goes when it is over, or with the next removal. */
export async function exportImage(
  store: ImageStore,
  image: StoredImage,
  { hand, write }: { readonly hand: FileHand; readonly write: (data: Uint8Array) => void },
): Promise<void> {
  const release = await takeLock(store.addon(), { path: contentLock(store), mode: 'shared', signal: hand.signal })
  const scratch = join(store.imagesDir, `.partial-export-${randomHex(8)}`)
  try {
    await packTo(hand, { op: 'layers', layers: layerDirs(store, image), scratch }, write)
  } finally {
    await store.addon().removeTree(scratch)
    release()
  }
}
