/** A manifest, after all that it names, or an index after the manifests that it names. */
import { existsSync } from 'node:fs'
import { DriverError, type PushedImage } from '../../../driver/driver.ts'
import { atMost } from '../at-most.ts'
import { readDocument } from '../blob.ts'
import { type Descriptor, MAX_BYTES, parseIndex, parseManifest } from '../document.ts'
import { isIndex, MAX_INDEX_DEPTH } from '../index-content.ts'
import { familiarName } from '../reference.ts'
import { toldDigest } from '../registry/digest.ts'
import { blobPath } from '../store.ts'
import { accepted, send } from './ask.ts'
import { pushBlob } from './blob-push.ts'
import { fetchManifestText } from './carry.ts'
import type { Shipment } from './shipment.ts'

const LAYERS_AT_ONCE = 5

/** `name` is a tag, or the digest itself for what an index names. */
export async function pushManifest(
  shipment: Shipment,
  manifest: Descriptor,
  { name, depth }: { readonly name: string; readonly depth: number },
): Promise<PushedImage> {
  const text = await textOf(shipment, manifest)
  if (isIndex(text)) await pushIndexed(shipment, text, depth)
  else await pushParts(shipment, text)
  await putManifest(shipment, manifest, { name, text })
  return { digest: manifest.digest, sizeBytes: Buffer.byteLength(text) }
}

async function textOf({ store, ...shipment }: Shipment, manifest: Descriptor): Promise<string> {
  if (existsSync(blobPath(store, manifest.digest))) return readDocument(store, manifest.digest, MAX_BYTES.manifest)
  return fetchManifestText({ store, ...shipment }, manifest)
}

/** What the repository has by its digest, it has with all its parts; only what is in the store is looked at closer. */
async function pushIndexed(shipment: Shipment, text: string, depth: number): Promise<void> {
  const { target, store, client, signal } = shipment
  if (depth >= MAX_INDEX_DEPTH)
    throw new DriverError('refused', `the indexes of image "${familiarName(target)}" are nested too deeply`)
  for (const one of parseIndex(text).manifests) {
    const isStored = existsSync(blobPath(store, one.digest))
    const ask = async (): Promise<boolean> =>
      (await send(shipment, { method: 'HEAD', path: `manifests/${one.digest}`, headers: { accept: one.mediaType } }))
        .status === 200
    if (!isStored && (await client.retrying(ask, signal))) continue
    await pushManifest(shipment, one, { name: one.digest, depth: depth + 1 })
  }
}

/** Content that only its publisher gives away; Docker leaves it where it is, too. */
const ELSEWHERE = /\.(?:foreign|nondistributable)\./

async function pushParts(shipment: Shipment, text: string): Promise<void> {
  const { onEvent, signal } = shipment
  const { config, layers } = parseManifest(text)
  const distinct = [...new Map(layers.map((layer) => [layer.digest, layer])).values()].filter(
    ({ mediaType }) => !ELSEWHERE.test(mediaType),
  )
  // All are named before the first goes: who watches knows how much it will be.
  for (const { digest, size } of distinct)
    onEvent({ kind: 'layer', digest, status: 'waiting', currentBytes: 0, totalBytes: size })
  const push = (layer: Descriptor, own: AbortSignal): Promise<void> =>
    pushBlob({ ...shipment, signal: own }, layer, 'layer')
  await atMost(LAYERS_AT_ONCE, distinct, push, signal)
  await pushBlob(shipment, config, 'config')
}

async function putManifest(
  shipment: Shipment,
  { digest, mediaType }: Descriptor,
  { name, text }: { readonly name: string; readonly text: string },
): Promise<void> {
  const { client, signal, target } = shipment
  const request = {
    method: 'PUT',
    path: `manifests/${name}`,
    headers: { 'content-type': mediaType },
    body: text,
  } as const
  const answer = await client.retrying(async () => accepted(shipment, await send(shipment, request)), signal)
  const told = toldDigest(answer)
  if (told === undefined || told === digest) return
  throw new DriverError(
    'refused',
    `registry "${target.registry}" has made another image of "${familiarName(target)}": "${told}" in place of "${digest}"`,
    { hint: 'it may not know the format of the image' },
  )
}
