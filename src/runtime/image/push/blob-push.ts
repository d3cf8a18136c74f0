/** One blob of an image: not sent when the registry has it, taken over from another repository of it when we know one, else sent. */
import type { PushEvent } from '../../../driver/driver.ts'
import type { Descriptor } from '../document.ts'
import type { Answer } from '../registry/exchange.ts'
import { send } from './ask.ts'
import { storedBlob } from './blob-file.ts'
import { withFetchedBlob } from './carry.ts'
import type { Shipment } from './shipment.ts'
import { isThere, upload } from './upload.ts'

/** Layers are told of; configurations are not. */
export type BlobKind = 'layer' | 'config'

type LayerStatus = Extract<PushEvent, { readonly kind: 'layer' }>['status']
type Tell = (status: LayerStatus, currentBytes: number, from?: string) => void

/** Several layers of an image may be the same, and so may images of one command. */
export async function pushBlob(shipment: Shipment, blob: Descriptor, kind: BlobKind): Promise<void> {
  const { sent, target } = shipment
  const key = `${target.registry} ${blob.digest}`
  const other = sent.blobs.get(key)
  // Where the other one fails, this one has to do it.
  const isSentElsewhere = other !== undefined && (await succeeds(other.done))
  const tell = teller(shipment, blob, kind)
  const done = pushInto(shipment, blob, { tell, from: isSentElsewhere ? other.repository : undefined })
  if (!isSentElsewhere) sent.blobs.set(key, { repository: target.repository, done })
  await done
}

function succeeds(done: Promise<unknown>): Promise<boolean> {
  return done.then(
    () => true,
    () => false,
  )
}

interface How {
  readonly tell: Tell
  /** Known to have it since a moment ago. */
  readonly from: string | undefined
}

async function pushInto(shipment: Shipment, blob: Descriptor, { tell, from }: How): Promise<void> {
  const { client, signal } = shipment
  if (await client.retrying(() => isThere(shipment, blob), signal)) return tell('there', blob.size)
  let begun: Answer | undefined
  for (const one of candidates(shipment, from)) {
    const answer = await client.retrying(() => mount(shipment, blob, one), signal)
    if (answer.status === 201) return tell('mounted', blob.size, one)
    // Whoever does not mount begins an upload; the last one begun is used.
    if (answer.status === 202) begun = answer
  }
  const path = storedBlob(shipment.store, blob)
  const sendFile = (file: { readonly path: string }): Promise<void> =>
    upload(
      shipment,
      { ...file, digest: blob.digest, size: blob.size, onBytes: (bytes) => tell('pushing', bytes) },
      begun,
    )
  await (path === undefined ? withFetchedBlob(shipment, blob, sendFile) : sendFile(path))
  tell('pushed', blob.size)
}

/** More than these are not asked: each that has it not begins an upload that nobody ends. */
const MOST_CANDIDATES = 3

/** Other repositories of the same registry. */
function candidates({ origins, target }: Shipment, from: string | undefined): readonly string[] {
  const known = origins.filter(({ registry }) => registry === target.registry).map(({ repository }) => repository)
  const all = from === undefined ? known : [from, ...known]
  return [...new Set(all)].filter((one) => one !== target.repository).slice(0, MOST_CANDIDATES)
}

function mount(shipment: Shipment, { digest }: Descriptor, from: string): Promise<Answer> {
  const query = `mount=${encodeURIComponent(digest)}&from=${encodeURIComponent(from)}`
  return send(shipment, { method: 'POST', path: `blobs/uploads/?${query}`, from })
}

const TELL_EVERY_MS = 100

function teller({ onEvent }: Shipment, { digest, size }: Descriptor, kind: BlobKind): Tell {
  if (kind === 'config') return () => undefined
  let toldAtMs = 0
  return (status, currentBytes, from) => {
    const nowMs = performance.now()
    if (status === 'pushing' && nowMs - toldAtMs < TELL_EVERY_MS) return
    toldAtMs = nowMs
    const origin = from === undefined ? {} : { from }
    onEvent({ kind: 'layer', digest, status, currentBytes, totalBytes: size, ...origin })
  }
}
