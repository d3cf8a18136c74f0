/** `pull`: from a name at a registry to an image in the store. Nothing is fetched that the store has. */
import type { PullEvent } from '../../../driver/driver.ts'
import { takeLock } from '../../state/lock.ts'
import { addWholeImage } from '../add.ts'
import { atMost } from '../at-most.ts'
import { syncPath } from '../blob.ts'
import type { Descriptor } from '../document.ts'
import { knownOrigins, originOf, withOrigin } from '../origins.ts'
import type { Wanted } from '../platform-choice.ts'
import { fullName, parseReference, type Reference } from '../reference.ts'
import type { RegistryClient } from '../registry/client.ts'
import { contentLock, type ImageStore } from '../store.ts'
import { bringLayer, isThere } from './layer.ts'
import { findRemoteImage, type RemoteImage } from './remote-image.ts'
import { unchangedImage } from './unchanged.ts'

export interface PullRequest {
  readonly image: string
  readonly client: RegistryClient
  readonly wanted: Wanted
  readonly onEvent: (event: PullEvent) => void
  readonly signal: AbortSignal
}

const LAYERS_AT_ONCE = 3

/** Returns the image's id. */
export async function pullInto(store: ImageStore, request: PullRequest): Promise<string> {
  const { client, wanted, signal } = request
  const reference = parseReference(request.image)
  const release = await takeLock(store.addon(), { path: contentLock(store), mode: 'shared', signal })
  try {
    const unchanged = await unchangedImage(store, { client, reference, wanted, signal })
    if (unchanged !== undefined) return unchanged
    const image = await findRemoteImage({ client, reference, wanted })
    const sizeBytes = await bringLayers(store, { ...request, reference, image })
    syncPath(store.blobsDir)
    const references = [fullName(reference)]
    const origins = withOrigin(knownOrigins(store, image.digest), originOf(reference, image.digest))
    const manifestType = image.descriptor.mediaType
    return await addWholeImage(store, { ...image, manifestType, sizeBytes, references, origins }, signal)
  } finally {
    release()
  }
}

interface Bringing extends Omit<PullRequest, 'image'> {
  readonly reference: Reference
  readonly image: RemoteImage
}

/** The same layer may stand several times in an image. */
async function bringLayers(
  store: ImageStore,
  { image: { manifest, document }, client, reference, onEvent, signal }: Bringing,
): Promise<number> {
  const layers = manifest.layers.map((layer, at) => ({ layer, diffId: document.rootfs.diff_ids[at] as string }))
  const distinct = [...new Map(layers.map((one) => [`${one.layer.digest} ${one.diffId}`, one])).values()]
  const bring = (one: (typeof layers)[number], signal: AbortSignal): Promise<number> =>
    bringLayer(store, { ...one, client, reference, onEvent, signal })
  // All are named before the first comes: who watches knows how much it will be.
  for (const one of distinct.filter((layer) => !isThere(store, layer))) onEvent(waiting(one.layer))
  const sizes = await atMost(LAYERS_AT_ONCE, distinct, bring, signal)
  const sizeOf = new Map(distinct.map((one, at) => [one.diffId, sizes[at] as number]))
  return layers.reduce((sum, { diffId }) => sum + (sizeOf.get(diffId) ?? 0), 0)
}

function waiting({ digest, size }: Descriptor): PullEvent {
  return { kind: 'layer', digest, status: 'waiting', currentBytes: 0, totalBytes: size }
}
