/** `image tag`: one more name for an image. */

import { DriverError } from '../../driver/driver.ts'
import { withImage } from './add.ts'
import { findEntry, refuseMissing } from './find.ts'
import { fullName, parseReference } from './reference.ts'
import { changeIndex, type ImageStore } from './store.ts'

export async function tagImage(store: ImageStore, source: string, target: string, signal: AbortSignal): Promise<void> {
  const reference = parseReference(target)
  if (reference.digest !== undefined) {
    throw new DriverError('refused', `"${target}" can't be given to an image: a digest is no tag`)
  }
  await changeIndex(
    store,
    (entries) => {
      const { reference: _old, ...image } = findEntry(entries, source) ?? refuseMissing(source)
      const named = withImage(entries, { ...image, checkedAtMs: Date.now() }, [fullName(reference)])
      return { entries: named, result: undefined }
    },
    signal,
  )
}
