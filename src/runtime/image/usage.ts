/** What the store takes on the disk, and what of it no container needs: for `image df`. Reads only. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { listNames } from '../state/record-file.ts'
import { readDocument } from './blob.ts'
import { hexOf, MAX_BYTES, parseManifest } from './document.ts'
import type { StoredImage } from './find.ts'
import { contentOfIndex } from './index-content.ts'
import { sizeOfLayer } from './layer-sizes.ts'
import type { ImageStore } from './store.ts'

/** Of one kind of content; what is active is content of an image that a container uses. */
export interface ContentUsage {
  readonly count: number
  readonly activeCount: number
  readonly bytes: number
  readonly reclaimableBytes: number
}

export interface ImageUsage {
  readonly image: StoredImage
  /** Of unpacked layers that other images have as well. */
  readonly sharedBytes: number
  readonly uniqueBytes: number
  readonly containers: number
}

export interface StoreUsage {
  readonly images: readonly ImageUsage[]
  /** Unpacked. */
  readonly layers: ContentUsage
  /** As they came: layers in their compressed form, and documents. */
  readonly blobs: ContentUsage
}

/** `containers` counts those of each image, by its id. */
export function usageOf(
  store: ImageStore,
  images: readonly StoredImage[],
  containers: ReadonlyMap<string, number>,
): StoreUsage {
  const active = images.filter(({ imageId }) => containers.has(imageId))
  const layerSizes = sizesIn(store.layersDir, sizeOfLayer)
  const users = new Map<string, number>()
  for (const one of images) for (const layer of layersOf(one)) users.set(layer, (users.get(layer) ?? 0) + 1)
  const sumOf = (layers: readonly string[]): number => layers.reduce((sum, one) => sum + (layerSizes.get(one) ?? 0), 0)
  return {
    images: images.map((image) => {
      const [shared, unique] = parted(layersOf(image), (layer) => (users.get(layer) ?? 0) > 1)
      const count = containers.get(image.imageId) ?? 0
      return { image, sharedBytes: sumOf(shared), uniqueBytes: sumOf(unique), containers: count }
    }),
    layers: contentUsage(layerSizes, new Set(active.flatMap(layersOf))),
    blobs: contentUsage(
      sizesIn(store.blobsDir, (path) => statSync(path).size),
      new Set(active.flatMap((image) => blobsOf(store, image))),
    ),
  }
}

function sizesIn(directory: string, sizeOf: (path: string) => number): ReadonlyMap<string, number> {
  return new Map(listNames(directory).map((name) => [name, sizeOf(join(directory, name))]))
}

/** The same layer may stand several times in an image. */
function layersOf({ document }: StoredImage): readonly string[] {
  return [...new Set(document.rootfs.diff_ids.map(hexOf))]
}

function blobsOf(store: ImageStore, { manifestDigest, imageId, indexDigest }: StoredImage): readonly string[] {
  const { layers } = parseManifest(readDocument(store, manifestDigest, MAX_BYTES.manifest))
  const others = indexDigest === undefined ? [] : contentOfIndex(store, indexDigest)
  return [manifestDigest, imageId, ...layers.map(({ digest }) => digest), ...others].map(hexOf)
}

function contentUsage(sizes: ReadonlyMap<string, number>, active: ReadonlySet<string>): ContentUsage {
  const [used, free] = parted([...sizes.keys()], (name) => active.has(name))
  const sum = (names: readonly string[]): number => names.reduce((bytes, one) => bytes + (sizes.get(one) ?? 0), 0)
  return { count: sizes.size, activeCount: used.length, bytes: sum(used) + sum(free), reclaimableBytes: sum(free) }
}

function parted<T>(all: readonly T[], is: (one: T) => boolean): readonly [readonly T[], readonly T[]] {
  return [all.filter(is), all.filter((one) => !is(one))]
}
