/** `image inspect` and `image history` in Docker's shapes. Pure. */
import type { StoredImage } from './find.ts'
import { toldOrigins } from './origins.ts'
import { familiarName, parseReference, type Reference } from './reference.ts'

export function inspectionOf(image: StoredImage): object {
  const { document, imageId, sizeBytes } = image
  const references = image.references.map(parseReference)
  const digests = new Set(
    [...toldOrigins(image.origins, image.references), ...references.filter(hasDigest)].map(familiarName),
  )
  return {
    Id: imageId,
    RepoTags: references.filter(({ digest }) => digest === undefined).map(familiarName),
    RepoDigests: [...digests],
    Parent: '',
    Comment: document.comment ?? document.history?.at(-1)?.comment ?? '',
    Created: document.created ?? '',
    DockerVersion: '',
    Author: document.author ?? '',
    Config: document.config ?? {},
    Architecture: document.architecture,
    ...(document.variant ? { Variant: document.variant } : {}),
    Os: document.os,
    Size: sizeBytes,
    RootFS: { Type: document.rootfs.type, Layers: document.rootfs.diff_ids },
  }
}

const hasDigest = ({ digest }: Reference): boolean => digest !== undefined

export interface HistoryLine {
  /** `<missing>` below the topmost: layers have no id of their own. */
  readonly imageId: string
  readonly createdAtMs: number
  readonly createdBy: string
  readonly sizeBytes: number
  readonly comment: string
}

/** Newest first. `layerSizes` are those of the layers, lowest first. */
export function historyOf(image: StoredImage, layerSizes: readonly number[]): readonly HistoryLine[] {
  let layer = 0
  const lines = (image.document.history ?? []).map((entry) => {
    const sizeBytes = entry.empty_layer ? 0 : (layerSizes[layer++] ?? 0)
    return {
      imageId: '<missing>',
      createdAtMs: Date.parse(entry.created ?? '') || 0,
      createdBy: entry.created_by ?? '',
      sizeBytes,
      comment: entry.comment ?? '',
    }
  })
  const [top, ...below] = lines.reverse()
  return top === undefined ? [] : [{ ...top, imageId: image.imageId }, ...below]
}
