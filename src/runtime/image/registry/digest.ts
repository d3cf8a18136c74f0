/** From a tag to the digest of what it names now, without downloading it where the registry can tell. */
import { DriverError } from '../../../driver/driver.ts'
import { digestOf } from '../blob.ts'
import { MAX_BYTES, MEDIA } from '../document.ts'
import { familiarName, type Reference } from '../reference.ts'
import type { RegistryClient } from './client.ts'
import type { Answer } from './exchange.ts'
import { refuseImage } from './refusal.ts'

/** Of an image for several platforms it is the digest of the index, as Docker pins it. */
export async function resolveDigest(client: RegistryClient, reference: Reference): Promise<string> {
  const request = {
    path: `manifests/${reference.digest ?? reference.tag}`,
    headers: { accept: MANIFESTS.join(', ') },
    maxBytes: MAX_BYTES.manifest,
  }
  const head = await client.ask(reference, { ...request, method: 'HEAD' })
  if (head.status === 429) throw refuseImage(reference, head)
  const told = head.status === 200 && MANIFESTS.includes(mediaType(head)) ? toldDigest(head) : undefined
  if (told !== undefined) return told
  // Not every registry answers HEAD, or tells the digest; and only GET comes with words about what is wrong.
  const answer = await client.ask(reference, { ...request, method: 'GET' })
  if (answer.status !== 200) throw refuseImage(reference, answer)
  return measuredDigest(reference, answer)
}

/** All that we ask for: the first format is not among them. */
export const MANIFESTS: readonly string[] = [MEDIA.index, MEDIA.manifest, MEDIA.dockerList, MEDIA.dockerManifest]

export const mediaType = ({ headers }: Answer): string => (headers['content-type'] ?? '').split(';', 1)[0]?.trim() ?? ''

export function toldDigest({ headers }: Answer): string | undefined {
  const digest = headers['docker-content-digest'] ?? ''
  return /^sha256:[a-f0-9]{64}$/.test(digest) ? digest : undefined
}

function measuredDigest(reference: Reference, answer: Answer): string {
  refuseManifest(reference, answer)
  return digestOf(answer.body)
}

/** Fails unless it is a manifest or an index in a format we know, and the one the registry says it is. */
export function refuseManifest(reference: Reference, answer: Answer): void {
  const version = schemaVersion(answer.body)
  const { registry } = reference
  if (version === 1) {
    throw new DriverError(
      'unsupported',
      `image "${familiarName(reference)}" is in the first format, given up in 2019`,
      {
        hint: 'push it again with a newer program',
      },
    )
  }
  if (version !== 2) {
    throw new DriverError('refused', `registry "${registry}" answered with something that is no image manifest`, {
      hint: 'check that it is a registry, and what stands between it and you',
    })
  }
  const told = toldDigest(answer)
  if (told === undefined || told === digestOf(answer.body)) return
  throw new DriverError('refused', `registry "${registry}" sends a damaged manifest of "${familiarName(reference)}"`, {
    hint: 'try again; what it sends is not what it says it sends',
  })
}

function schemaVersion(body: Buffer): unknown {
  try {
    return (JSON.parse(body.toString()) as { readonly schemaVersion?: unknown } | null)?.schemaVersion
  } catch {
    return undefined
  }
}
