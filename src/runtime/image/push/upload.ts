/**
 * One blob's way into a repository: begun, sent part by part, and closed with its digest. After a cut the registry is asked how far it
 * got. https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-a-blob-in-chunks
 */

import { DriverError } from '../../../driver/driver.ts'
import { throwIfCancelled } from '../../state/lock.ts'
import { familiarName } from '../reference.ts'
import type { Answer } from '../registry/exchange.ts'
import { describeStatus } from '../registry/refusal.ts'
import { Passing } from '../registry/retry.ts'
import { accepted, locationIn, send } from './ask.ts'
import type { BlobFile } from './blob-file.ts'
import type { Shipment } from './shipment.ts'

export interface Upload extends BlobFile {
  /** Told how many bytes are on their way by now. */
  readonly onBytes: (bytes: number) => void
}

/** An upload that the registry knows of. */
interface Session {
  readonly location: string
  readonly at: number
  /** The least that it takes in one part but the last. */
  readonly leastBytes: number
}

interface Progress {
  session?: Session | undefined
  /** What the registry has may not be what it told last. */
  isInDoubt: boolean
  furthest: number
  /** It does not take parts. */
  isWhole: boolean
}

const OCTETS = 'application/octet-stream'
/** Parts are not what they are called by the registry, or are in its way. */
const NO_PARTS = new Set([400, 404, 405, 411, 415, 416, 501])
const LEAST_PART_BYTES = 1 << 18

/** `begun` is where the registry wants it, where it has said so already. */
export async function upload(shipment: Shipment, blob: Upload, begun: Answer | undefined): Promise<void> {
  const progress: Progress = { isInDoubt: false, furthest: 0, isWhole: false }
  if (begun !== undefined) progress.session = sessionOf(shipment, begun)
  let isFirst = true
  await shipment.client.retrying(async (afterGain) => {
    // The answer to the last words may have been lost, and not the words.
    if (!isFirst && (await isThere(shipment, blob))) return
    isFirst = false
    await goOn(shipment, blob, { progress, afterGain })
  }, shipment.signal)
}

export async function isThere(shipment: Shipment, { digest }: Pick<BlobFile, 'digest'>): Promise<boolean> {
  const { status } = await send(shipment, { method: 'HEAD', path: `blobs/${digest}` })
  return status === 200
}

interface Going {
  readonly progress: Progress
  readonly afterGain: () => void
}

async function goOn(shipment: Shipment, blob: Upload, { progress, afterGain }: Going): Promise<void> {
  if (progress.isInDoubt) progress.session = await stateOf(shipment, progress.session)
  noteGain(progress, afterGain)
  progress.session ??= sessionOf(shipment, await begin(shipment))
  progress.isInDoubt = true
  const { sent } = shipment
  if (progress.isWhole || (progress.session.at === 0 && blob.size <= sent.partBytes)) {
    const session = progress.session
    // What is sent at once is not gone on with.
    progress.session = undefined
    const answer = await close(shipment, blob, session)
    return answer.status === 413 && !progress.isWhole ? sendLess(shipment, answer) : finish(shipment, blob, answer)
  }
  while (progress.session.at < blob.size) {
    // Another layer may have failed for good.
    throwIfCancelled(shipment.signal)
    progress.session = await sendPart(shipment, blob, progress)
    noteGain(progress, afterGain)
  }
  const last = progress.session
  progress.session = undefined
  finish(shipment, blob, await close(shipment, blob, last))
}

function noteGain(progress: Progress, afterGain: () => void): void {
  const { session, furthest } = progress
  if (session === undefined || session.at <= furthest) return
  progress.furthest = session.at
  afterGain()
}

async function begin(shipment: Shipment): Promise<Answer> {
  return accepted(shipment, await send(shipment, { method: 'POST', path: 'blobs/uploads/' }))
}

async function sendPart(shipment: Shipment, blob: Upload, progress: Progress): Promise<Session> {
  const { location, at, leastBytes } = progress.session as Session
  const bytes = Math.min(Math.max(shipment.sent.partBytes, leastBytes), blob.size - at)
  const answer = await send(shipment, {
    method: 'PATCH',
    path: location,
    headers: { 'content-type': OCTETS, 'content-length': String(bytes), 'content-range': `${at}-${at + bytes - 1}` },
    body: { path: blob.path, start: at, bytes, onBytes: (sent) => blob.onBytes(at + sent) },
  })
  if (answer.status === 202) return { ...sessionOf(shipment, answer), at: at + bytes }
  if (answer.status === 413) return sendLess(shipment, answer)
  if (!NO_PARTS.has(answer.status)) {
    accepted(shipment, answer)
    throw odd(shipment, answer)
  }
  progress.session = undefined
  // Whoever has taken a part takes others: this upload is lost, and another one may go better.
  if (progress.furthest === 0) progress.isWhole = true
  throw new Passing(odd(shipment, answer), 0)
}

/** Thrown to go on from where the registry is, with smaller parts. */
function sendLess({ sent, target }: Shipment, answer: Answer): never {
  const refused = new DriverError(
    'refused',
    `registry "${target.registry}" takes no part of a layer: ${describeStatus(answer)}`,
    {
      hint: 'what stands before it limits the size of requests',
    },
  )
  if (sent.partBytes <= LEAST_PART_BYTES) throw refused
  sent.partBytes >>= 2
  throw new Passing(refused, 0)
}

/** The last words; with all of it, where nothing has been sent yet. */
function close(shipment: Shipment, blob: Upload, { location, at }: Session): Promise<Answer> {
  const digest = `digest=${encodeURIComponent(blob.digest)}`
  const bytes = at === 0 ? blob.size : 0
  return send(shipment, {
    method: 'PUT',
    path: `${location}${location.includes('?') ? '&' : '?'}${digest}`,
    headers: { 'content-type': OCTETS, 'content-length': String(bytes) },
    body: { path: blob.path, start: 0, bytes, onBytes: blob.onBytes },
  })
}

function finish(shipment: Shipment, blob: Upload, answer: Answer): void {
  if (answer.status === 201 || answer.status === 204) return
  // An upload that is gone, or came through damaged, is begun again; a refusal is one.
  if (answer.status !== 400 && answer.status !== 404 && answer.status !== 416) accepted(shipment, answer)
  const { registry, ...rest } = shipment.target
  const image = familiarName({ registry, ...rest })
  throw new Passing(
    new DriverError(
      'refused',
      `registry "${registry}" does not take blob "${blob.digest}" of image "${image}": ${describeStatus(answer)}`,
      { hint: 'try again; it may have come through damaged' },
    ),
  )
}

/** Undefined for an upload that the registry knows no more. */
async function stateOf(shipment: Shipment, session: Session | undefined): Promise<Session | undefined> {
  if (session === undefined) return undefined
  const answer = await send(shipment, { method: 'GET', path: session.location })
  const end = /^(?:bytes=)?0-(\d+)$/.exec(answer.headers.range ?? '')?.[1]
  if ((answer.status !== 204 && answer.status !== 202) || end === undefined) return undefined
  const location = answer.headers.location === undefined ? session.location : locationIn(shipment, answer)
  // `0-0` is what they say of nothing as well as of one byte.
  return { ...session, location, at: end === '0' ? 0 : Number(end) + 1 }
}

function sessionOf(shipment: Shipment, answer: Answer): Session {
  const leastBytes = Number(answer.headers['oci-chunk-min-length'] ?? 0)
  return {
    location: locationIn(shipment, answer),
    at: 0,
    leastBytes: Number.isSafeInteger(leastBytes) ? leastBytes : 0,
  }
}

function odd({ target }: Shipment, answer: Answer): DriverError {
  return new DriverError(
    'image-unreachable',
    `registry "${target.registry}" does not take parts of a layer: ${describeStatus(answer)}`,
    { hint: 'try again later' },
  )
}
