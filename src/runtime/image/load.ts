/** `image load`: images out of an archive, as `docker save` writes it or as an OCI layout in a tar. */
import { existsSync, linkSync } from 'node:fs'
import { join } from 'node:path'
import { randomHex } from '../../digests.ts'
import { DriverError } from '../../driver/driver.ts'
import { takeLock } from '../state/lock.ts'
import { addImage, addWholeImage } from './add.ts'
import {
  type ArchivedImage,
  type ArchiveFiles,
  damaged,
  type KeptDocuments,
  noImageFor,
  openArchive,
} from './archive-files.ts'
import { digestOf, digestOfFile, syncPath } from './blob.ts'
import { readDockerArchive } from './docker-archive.ts'
import { type Descriptor, hexOf, layerMediaType, MAX_BYTES, parseImageDocument } from './document.ts'
import { readOciArchive } from './oci-archive.ts'
import { suits, type Wanted } from './platform-choice.ts'
import { familiarName, parseReference } from './reference.ts'
import { refusedLayer } from './refused-layer.ts'
import { blobPath, contentLock, type ImageStore } from './store.ts'
import { type UnpackRequest, unpackArchive } from './unpack.ts'

export interface LoadedImage {
  readonly imageId: string
  /** Familiar names. */
  readonly references: readonly string[]
}

export interface LoadOptions {
  readonly source: UnpackRequest['source']
  /** Of an index with several, the image for this one. */
  readonly wanted: Wanted
}

export async function loadArchive(
  store: ImageStore,
  options: LoadOptions,
  signal: AbortSignal,
): Promise<readonly LoadedImage[]> {
  const release = await takeLock(store.addon(), { path: contentLock(store), mode: 'shared', signal })
  const directory = join(store.imagesDir, `.partial-load-${randomHex(8)}`)
  try {
    await unpackArchive(store.addon(), { source: options.source, target: { directory }, owners: 'caller' }, signal)
    const archive = openArchive(directory)
    const loaded: LoadedImage[] = []
    for (const image of imagesOf(archive, options.wanted))
      loaded.push(await loadImage(store, archive, { image, wanted: options.wanted, signal }))
    return loaded
  } finally {
    await store.addon().removeTree(directory)
    release()
  }
}

function imagesOf(archive: ArchiveFiles, wanted: Wanted): readonly ArchivedImage[] {
  // Where there are both, the OCI layout says more: media types, digests, images of other platforms.
  if (archive.has('oci-layout') && archive.has('index.json')) return readOciArchive(archive, wanted)
  if (archive.has('manifest.json')) return readDockerArchive(archive)
  if (archive.has('index.json')) return readOciArchive(archive, wanted)
  throw new DriverError('refused', 'the archive holds no image: it has neither a manifest.json nor an index.json', {
    hint: 'a root file system is brought in with "tscompose image import"',
  })
}

interface Loading extends Pick<LoadOptions, 'wanted'> {
  readonly image: ArchivedImage
  readonly signal: AbortSignal
}

async function loadImage(
  store: ImageStore,
  archive: ArchiveFiles,
  { image, wanted, signal }: Loading,
): Promise<LoadedImage> {
  const configText = archive.readText(image.configPath, MAX_BYTES.config)
  const document = parseImageDocument(configText)
  if (wanted.isStrict && !suits(document, wanted.platform)) throw noImageFor(wanted.platform)
  const diffIds = document.rootfs.diff_ids
  if (diffIds.length !== image.layers.length) throw damaged('its configuration names another number of layers')
  const [name = digestOf(Buffer.from(configText))] = image.references.map((one) => familiarName(parseReference(one)))
  const layers: Descriptor[] = []
  let sizeBytes = 0
  for (const [at, layer] of image.layers.entries()) {
    const { path: inside, size, ...told } = layer
    const path = archive.locate(inside)
    const expected = { ...told, diffId: diffIds[at] as string }
    const request = { source: { path }, target: { layers: store.layersDir }, owners: store.owners, ...expected }
    const unpacked = await unpackArchive(store.addon(), request, signal).catch((error) =>
      Promise.reject(refusedLayer(error, { image: name, layer: inside }, store)),
    )
    if (size !== undefined && size !== unpacked.inputBytes) throw damaged(`"${inside}" has another size than it should`)
    keepBlob(store, path, unpacked.digest)
    layers.push({ mediaType: layerMediaType(unpacked.compression), digest: unpacked.digest, size: unpacked.inputBytes })
    sizeBytes += unpacked.contentBytes
  }
  if (image.configDigest !== undefined && image.configDigest !== digestOf(Buffer.from(configText)))
    throw damaged('its configuration is not what its digest says')
  for (const digest of image.kept?.otherDigests ?? [])
    await keepVerified(store, { path: archive.locate(`blobs/sha256/${hexOf(digest)}`), digest, signal })
  syncPath(store.blobsDir)
  const { references, kept } = image
  const common = { configText, sizeBytes, references }
  const imageId = await (kept === undefined
    ? addImage(store, { ...common, layers }, signal)
    : addWholeImage(store, { ...common, ...wholeOf(kept) }, signal))
  return { imageId, references: image.references.map((one) => familiarName(parseReference(one))) }
}

function wholeOf({ manifest, indexes }: KeptDocuments) {
  return { manifestText: manifest.text, manifestType: manifest.mediaType, indexes }
}

/** A second name for the file: the archive's own goes with the archive. The layer's unpacking has synced both. */
function keepBlob(store: ImageStore, path: string, digest: string): void {
  const kept = blobPath(store, digest)
  if (!existsSync(kept)) linkSync(path, kept)
}

/** A blob that is not unpacked: nobody has looked at it yet. */
async function keepVerified(
  store: ImageStore,
  { path, digest, signal }: { readonly path: string; readonly digest: string; readonly signal: AbortSignal },
): Promise<void> {
  if (existsSync(blobPath(store, digest))) return
  if ((await digestOfFile(path, signal)) !== digest) throw damaged(`"${digest}" is not what its name says`)
  syncPath(path)
  keepBlob(store, path, digest)
}
