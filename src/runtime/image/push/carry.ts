/** Content that the store has not got, for an index that names it: from a repository that is known to have it, by way of a file. */
import { createWriteStream } from 'node:fs'
import { DriverError } from '../../../driver/driver.ts'
import { removeIfThere } from '../../state/record-file.ts'
import { digestOfFile, partialPath } from '../blob.ts'
import { type Descriptor, MAX_BYTES } from '../document.ts'
import { downloadTo } from '../pull/layer-download.ts'
import { familiarName, type Reference } from '../reference.ts'
import { MANIFESTS } from '../registry/digest.ts'
import { fetchDocument } from '../registry/fetch-document.ts'
import type { BlobFile } from './blob-file.ts'
import type { Shipment } from './shipment.ts'

/** A manifest or an index below one. */
export function fetchManifestText(shipment: Shipment, { digest }: Descriptor): Promise<string> {
  return fromAnyOrigin(shipment, async (origin) => {
    const headers = { accept: MANIFESTS.join(', ') }
    const request = { path: `manifests/${digest}`, headers, maxBytes: MAX_BYTES.manifest, digest }
    return (await fetchDocument(shipment.client, origin, request)).body.toString('utf8')
  })
}

/** The file is there as long as `use` takes. */
export function withFetchedBlob<T>(
  shipment: Shipment,
  blob: Descriptor,
  use: (file: BlobFile) => Promise<T>,
): Promise<T> {
  const path = partialPath(shipment.store)
  return fromAnyOrigin(shipment, (origin) => fetchInto(path, { shipment, origin, blob }))
    .then(() => use({ digest: blob.digest, size: blob.size, path }))
    .finally(() => removeIfThere(path))
}

interface Fetching {
  readonly shipment: Shipment
  readonly origin: Reference
  readonly blob: Descriptor
}

async function fetchInto(path: string, { shipment, origin, blob }: Fetching): Promise<void> {
  const { client, signal } = shipment
  const file = createWriteStream(path, { mode: 0o600 })
  await downloadTo(file, { client, reference: origin, layer: blob, onBytes: () => undefined, signal })
  if (file.errored) throw file.errored
  if ((await digestOfFile(path, signal)) === blob.digest) return
  throw new DriverError(
    'refused',
    `registry "${origin.registry}" sends something else than "${blob.digest}" of image "${familiarName(origin)}"`,
  )
}

/** The last failure is told: most images have one origin. */
async function fromAnyOrigin<T>(
  { origins, target, signal }: Shipment,
  fetch: (origin: Reference) => Promise<T>,
): Promise<T> {
  let failure: unknown = new DriverError('image-not-found', 'the store has not got it, and it is not known who has')
  for (const origin of origins) {
    try {
      return await fetch(origin)
    } catch (error) {
      if (!(error instanceof DriverError) || signal.aborted) throw error
      failure = error
    }
  }
  throw partMissing(target, failure as DriverError)
}

function partMissing(target: Reference, cause: DriverError): DriverError {
  return new DriverError(
    cause.code,
    `image "${familiarName(target)}" can't be pushed for all its platforms: ${cause.message}`,
    { hint: 'push the one that is here with "tscompose image push --platform OS/ARCH"', cause },
  )
}
