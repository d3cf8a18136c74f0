/** An image as a registry holds it: documents and layers by digest, made of a few files. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type Descriptor, layerMediaType, MEDIA, parseIndex, parseManifest } from '../../src/runtime/image/document.ts'
import type { TarFile } from '../../src/runtime/image/tar-writer.ts'
import { sha256, tarOf, text } from '../runtime/image/archive.ts'

export interface HeldImage {
  /** By what stands behind `/v2/NAME/`: `manifests/TAG`, `blobs/DIGEST`. */
  readonly answers: ReadonlyMap<string, { readonly mediaType: string; readonly data: Buffer }>
  readonly imageId: string
  readonly manifestDigest: string
  readonly indexDigest: string
  readonly layers: readonly Descriptor[]
  readonly diffIds: readonly string[]
}

/** One layer for each text; `:one` is the image, `:all` an index that names it besides another platform's. */
export async function holdImage(contents: readonly string[], architecture = 'amd64'): Promise<HeldImage> {
  const answers = new Map<string, { readonly mediaType: string; readonly data: Buffer }>()
  const tars = await Promise.all(contents.map((content, at) => tarOf([text(`file-${at}`, content)])))
  const layers = tars.map((tar) => put(answers, layerMediaType('gzip'), gzipSync(tar)))
  const diffIds = tars.map(sha256)
  const document = { os: 'linux', architecture, config: { Cmd: ['x'] }, rootfs: { type: 'layers', diff_ids: diffIds } }
  const config = put(answers, MEDIA.config, Buffer.from(JSON.stringify(document)))
  const manifest = putNamed(answers, 'one', MEDIA.manifest, { config, layers })
  const other = { ...manifest, digest: sha256('another'), platform: { os: 'linux', architecture: 's390x' } }
  const index = putNamed(answers, 'all', MEDIA.index, {
    manifests: [other, { ...manifest, platform: { os: 'linux', architecture } }],
  })
  return {
    answers,
    imageId: config.digest,
    manifestDigest: manifest.digest,
    indexDigest: index.digest,
    layers,
    diffIds,
  }
}

/** An index of images, one for each architecture, under `:multi`. */
export async function holdIndex(contents: readonly string[], architectures: readonly string[]): Promise<HeldImage> {
  const images = await Promise.all(architectures.map((one) => holdImage([...contents, `for ${one}`], one)))
  const answers = new Map(images.flatMap((one) => [...one.answers]))
  const manifests = images.map(({ manifestDigest }, at) => {
    const { mediaType, data } = answers.get(`manifests/${manifestDigest}`) as { mediaType: string; data: Buffer }
    const platform = { os: 'linux', architecture: architectures[at] as string }
    return { mediaType, digest: manifestDigest, size: data.length, platform }
  })
  const index = putNamed(answers, 'multi', MEDIA.index, { manifests })
  return { ...(images[0] as HeldImage), answers, indexDigest: index.digest }
}

interface Archived {
  readonly name: string
  /** Where the blobs may lie meanwhile. */
  readonly directory: string
  /** Those whose images are in it; the index names the others all the same. */
  readonly architectures: readonly string[]
}

/** The index of `holdIndex` as an OCI layout in a tar. */
export async function archiveOf(image: HeldImage, { name, directory, architectures }: Archived): Promise<Buffer> {
  const annotations = { 'io.containerd.image.name': name }
  const index = held(image, `manifests/${image.indexDigest}`)
  const described = { mediaType: index.mediaType, digest: image.indexDigest, size: index.data.length, annotations }
  const manifests = parseIndex(String(index.data)).manifests.filter(({ platform }) =>
    architectures.includes(platform?.architecture ?? ''),
  )
  const digests = manifests.flatMap(({ digest }) => {
    const { config, layers } = parseManifest(String(held(image, `manifests/${digest}`).data))
    return [digest, config.digest, ...layers.map((one) => one.digest)]
  })
  const blobs = [...new Set([image.indexDigest, ...digests])].map((digest): TarFile => {
    const path = join(directory, `blob-${digest.slice(7)}`)
    writeFileSync(path, (image.answers.get(`manifests/${digest}`) ?? held(image, `blobs/${digest}`)).data)
    return { name: `blobs/sha256/${digest.slice(7)}`, kind: 'file', path }
  })
  const contents = JSON.stringify({ schemaVersion: 2, manifests: [described] })
  return tarOf([text('oci-layout', '{"imageLayoutVersion":"1.0.0"}'), text('index.json', contents), ...blobs])
}

function held({ answers }: HeldImage, place: string): { readonly mediaType: string; readonly data: Buffer } {
  const found = answers.get(place)
  if (found === undefined) throw new Error(`the image has no ${place}`)
  return found
}

type Answers = Map<string, { readonly mediaType: string; readonly data: Buffer }>

function put(answers: Answers, mediaType: string, data: Buffer): Descriptor {
  answers.set(`blobs/${sha256(data)}`, { mediaType, data })
  return { mediaType, digest: sha256(data), size: data.length }
}

function putNamed(answers: Answers, tag: string, mediaType: string, content: object): Descriptor {
  const data = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...content }))
  answers.set(`manifests/${tag}`, { mediaType, data })
  answers.set(`manifests/${sha256(data)}`, { mediaType, data })
  return { mediaType, digest: sha256(data), size: data.length }
}
