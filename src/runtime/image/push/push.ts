/** `push`: an image of the store to the registry that its name says. */
import { DriverError, type PushEvent, type PushedImage } from '../../../driver/driver.ts'
import { takeLock } from '../../state/lock.ts'
import { readDocument } from '../blob.ts'
import { type Descriptor, MAX_BYTES, MEDIA, type Platform, parseIndex } from '../document.ts'
import { originOf, withOrigin } from '../origins.ts'
import { platformText } from '../platform.ts'
import { choosePlatform } from '../platform-choice.ts'
import { familiarName, fullName, parseReference, type Reference } from '../reference.ts'
import type { RegistryClient } from '../registry/client.ts'
import { changeIndex, contentLock, type ImageStore, type IndexEntry, readIndex } from '../store.ts'
import { sweepContent } from '../sweep.ts'
import { withLayersCompressed } from './compress.ts'
import { pushManifest } from './manifest-push.ts'
import type { Sent } from './shipment.ts'

export interface PushOrder {
  readonly image: string
  /** That one alone of several. */
  readonly platform?: Platform
  readonly client: RegistryClient
  readonly sent: Sent
  readonly onEvent: (event: PushEvent) => void
  readonly signal: AbortSignal
}

export async function pushFrom(store: ImageStore, order: PushOrder): Promise<PushedImage> {
  const { platform, signal } = order
  const target = parseReference(order.image)
  if (target.tag === undefined || target.digest !== undefined)
    throw new DriverError('refused', `"${order.image}" can't be pushed: an image is pushed under a tag`, {
      hint: 'give it one with "tscompose image tag"',
    })
  // What is sent is not to be swept meanwhile.
  const release = await takeLock(store.addon(), { path: contentLock(store), mode: 'shared', signal })
  let isRewritten = false
  try {
    const found = requireEntry(store, target)
    const entry = await withLayersCompressed(store, found, order)
    isRewritten = entry !== found
    const manifest = chosen(store, { entry, target, platform })
    const origins = (entry.origins ?? []).map(parseReference)
    const pushed = await pushManifest({ store, target, origins, ...order }, manifest, { name: target.tag, depth: 0 })
    await noteOrigin(store, { entry, origin: originOf(target, pushed.digest) }, signal)
    return pushed
  } finally {
    release()
    // The layers as they were are nobody's now.
    if (isRewritten) await sweepContent(store, signal)
  }
}

function requireEntry(store: ImageStore, target: Reference): IndexEntry {
  const name = fullName(target)
  const entry = readIndex(store).find(({ reference }) => reference === name)
  if (entry !== undefined) return entry
  throw new DriverError('image-not-found', `image "${familiarName(target)}" is not there to be pushed`, {
    hint: 'give an image this name with "tscompose image tag"',
  })
}

interface Choice {
  readonly entry: IndexEntry
  readonly target: Reference
  readonly platform: Platform | undefined
}

function chosen(store: ImageStore, { entry: { manifest, indexDigest }, target, platform }: Choice): Descriptor {
  if (indexDigest === undefined) return plain(manifest)
  const text = readDocument(store, indexDigest, MAX_BYTES.manifest)
  const index = parseIndex(text)
  const { mediaType = MEDIA.index } = index
  if (platform === undefined) return { mediaType, digest: indexDigest, size: Buffer.byteLength(text) }
  const one = choosePlatform(index.manifests, platform)
  if (one !== undefined) return one
  throw new DriverError('image-not-found', `image "${familiarName(target)}" is not there for ${platformText(platform)}`)
}

/** Its annotations are the store's own. */
function plain({ mediaType, digest, size }: Descriptor): Descriptor {
  return { mediaType, digest, size }
}

/** Under all its names: the next one to be pushed need not be sent. */
async function noteOrigin(
  store: ImageStore,
  { entry, origin }: { readonly entry: IndexEntry; readonly origin: string },
  signal: AbortSignal,
): Promise<void> {
  const isSame = (one: IndexEntry): boolean =>
    one.manifest.digest === entry.manifest.digest && one.indexDigest === entry.indexDigest
  const noted = (one: IndexEntry): IndexEntry => ({ ...one, origins: withOrigin(one.origins ?? [], origin) })
  await changeIndex(
    store,
    (entries) => ({ entries: entries.map((one) => (isSame(one) ? noted(one) : one)), result: undefined }),
    signal,
  )
}
