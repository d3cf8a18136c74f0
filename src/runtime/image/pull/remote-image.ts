/** What a registry has under a name: one image's manifest and configuration, found through indexes by its platform. */
import { DriverError } from '../../../driver/driver.ts'
import type { TypedDocument } from '../add.ts'
import { digestOf } from '../blob.ts'
import {
  type Descriptor,
  type ImageDocument,
  MAX_BYTES,
  type Manifest,
  MEDIA,
  type Platform,
  parseImageDocument,
  parseIndex,
  parseManifest,
} from '../document.ts'
import { platformText } from '../platform.ts'
import { choosePlatform, suits, type Wanted } from '../platform-choice.ts'
import { familiarName, type Reference } from '../reference.ts'
import type { RegistryClient } from '../registry/client.ts'
import { MANIFESTS, mediaType, refuseManifest, toldDigest } from '../registry/digest.ts'
import { fetchDocument } from '../registry/fetch-document.ts'

export interface RemoteImage {
  /** Of what the name stands for, be it an index. */
  readonly digest: string
  /** From that one down to the image's own manifest, which is not among them. */
  readonly indexes: readonly TypedDocument[]
  readonly descriptor: Descriptor
  readonly manifestText: string
  readonly manifest: Manifest
  readonly configText: string
  readonly document: ImageDocument
}

interface Asking {
  readonly client: RegistryClient
  readonly reference: Reference
  readonly wanted: Wanted
}

const MAX_DEPTH = 4

export async function findRemoteImage(asking: Asking): Promise<RemoteImage> {
  const { reference } = asking
  const top = await fetchManifest(asking, reference.digest ?? reference.tag ?? '', reference.digest)
  const { indexes, descriptor, text } = await descend(asking, top, [])
  const manifest = parseManifest(text)
  const configText = await fetchConfig(asking, manifest.config)
  const document = parseImageDocument(configText)
  if (document.rootfs.diff_ids.length !== manifest.layers.length)
    throw new DriverError(
      'refused',
      `image "${familiarName(reference)}" is damaged: its configuration names another number of layers`,
    )
  checkPlatform(asking, document)
  return { digest: top.descriptor.digest, indexes, descriptor, manifestText: text, manifest, configText, document }
}

interface Found {
  readonly descriptor: Descriptor
  readonly text: string
}

type Descent = Found & Pick<RemoteImage, 'indexes'>

async function descend(asking: Asking, found: Found, indexes: RemoteImage['indexes']): Promise<Descent> {
  const { descriptor, text } = found
  if (!('manifests' in (JSON.parse(text) as object))) return { descriptor, text, indexes }
  const { reference, wanted } = asking
  const image = familiarName(reference)
  if (indexes.length >= MAX_DEPTH)
    throw new DriverError('refused', `image "${image}" is damaged: its indexes are nested too deeply`)
  const { manifests } = parseIndex(text)
  const chosen = choosePlatform(manifests, wanted.platform)
  if (chosen === undefined) throw otherPlatforms(image, wanted.platform, manifests)
  const next = await fetchManifest(asking, chosen.digest, chosen.digest)
  return descend(asking, next, [...indexes, { mediaType: descriptor.mediaType, text }])
}

async function fetchManifest({ client, reference }: Asking, name: string, digest: string | undefined): Promise<Found> {
  const request = {
    path: `manifests/${name}`,
    headers: { accept: MANIFESTS.join(', ') },
    maxBytes: MAX_BYTES.manifest,
    digest,
  }
  const answer = await fetchDocument(client, reference, request)
  refuseManifest(reference, answer)
  const text = answer.body.toString('utf8')
  const told = mediaType(answer)
  const known = MANIFESTS.includes(told)
    ? told
    : 'manifests' in (JSON.parse(text) as object)
      ? MEDIA.index
      : MEDIA.manifest
  return {
    descriptor: { mediaType: known, digest: toldDigest(answer) ?? digestOf(answer.body), size: answer.body.length },
    text,
  }
}

async function fetchConfig({ client, reference }: Asking, { digest, size }: Descriptor): Promise<string> {
  if (size > MAX_BYTES.config)
    throw new DriverError(
      'refused',
      `the configuration of image "${familiarName(reference)}" is larger than ${MAX_BYTES.config} bytes`,
    )
  const request = { path: `blobs/${digest}`, maxBytes: MAX_BYTES.config, digest }
  return (await fetchDocument(client, reference, request)).body.toString('utf8')
}

/** One image with no index around it says in its configuration what it is for. */
function checkPlatform({ reference, wanted }: Asking, document: ImageDocument): void {
  const isOfAnotherSystem = document.os !== wanted.platform.os
  if (!isOfAnotherSystem && (!wanted.isStrict || suits(document, wanted.platform))) return
  throw new DriverError(
    'image-not-found',
    `image "${familiarName(reference)}" is there for ${platformText(document)} only, not for ${platformText(wanted.platform)}`,
    { hint: 'choose another image, or another "platform"' },
  )
}

function otherPlatforms(image: string, wanted: Platform, manifests: readonly Descriptor[]): DriverError {
  const there = manifests.flatMap(({ platform }) =>
    platform && platform.os !== 'unknown' ? [platformText(platform)] : [],
  )
  return new DriverError('image-not-found', `image "${image}" is not there for ${platformText(wanted)}`, {
    hint: there.length === 0 ? 'its index names no platforms' : `it is there for ${[...new Set(there)].join(', ')}`,
  })
}
