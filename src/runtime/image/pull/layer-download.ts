/** A layer's bytes from a registry into the pipe of whoever unpacks them. After a cut it goes on where it was. */
import { once } from 'node:events'
import { Socket } from 'node:net'
import type { Writable } from 'node:stream'
import { DriverError } from '../../../driver/driver.ts'
import type { Descriptor } from '../document.ts'
import { familiarName, type Reference } from '../reference.ts'
import type { RegistryClient } from '../registry/client.ts'
import { type Download, readRefusal } from '../registry/download.ts'
import { refusalOf } from '../registry/fetch-document.ts'
import { Passing, passing } from '../registry/retry.ts'
import { unreachable } from '../registry/unreachable.ts'

export interface LayerDownload {
  readonly client: RegistryClient
  readonly reference: Reference
  readonly layer: Descriptor
  /** Told how many bytes are through by now. */
  readonly onBytes: (bytes: number) => void
  readonly signal: AbortSignal
}

/** Ends early, without an error, when nobody reads the pipe any more: the reader has an error of its own. */
export function downloadInto(descriptor: number, download: LayerDownload): Promise<void> {
  return downloadTo(new Socket({ fd: descriptor, readable: false, writable: true }), download)
}

/** As it goes into a pipe: the error of what it is written to is for the caller to look for. */
export async function downloadTo(pipe: Writable, download: LayerDownload): Promise<void> {
  // A reader that goes away is seen by `pipe.destroyed`.
  pipe.on('error', () => undefined)
  const stop = (): void => void pipe.destroy()
  download.signal.addEventListener('abort', stop)
  const progress = { at: 0 }
  try {
    await download.client.retrying((afterGain) => goOn(pipe, progress, { ...download, afterGain }), download.signal)
    if (!pipe.destroyed) await new Promise<void>((resolve) => pipe.once('close', resolve).end())
  } finally {
    download.signal.removeEventListener('abort', stop)
    pipe.destroy()
  }
}

interface Attempted extends LayerDownload {
  readonly afterGain: () => void
}

async function goOn(pipe: Writable, progress: { at: number }, attempt: Attempted): Promise<void> {
  const { client, reference, layer } = attempt
  if (pipe.destroyed || progress.at === layer.size) return
  const request = { path: `blobs/${layer.digest}`, headers: progress.at > 0 ? { range: `bytes=${progress.at}-` } : {} }
  const download = await client.download(reference, request).catch((error) => Promise.reject(passing(error)))
  const { stream } = download
  const stop = (): void => void stream.destroy()
  attempt.signal.addEventListener('abort', stop)
  try {
    const skip = await whereItBegins(download, progress.at, attempt)
    await passOn(pipe, { progress, download, skip }, attempt)
  } finally {
    attempt.signal.removeEventListener('abort', stop)
    // Nothing more is wanted of it; what was read to its end leaves its connection to the next one.
    if (!stream.readableEnded) stream.destroy()
  }
}

/** How many of the first bytes are known already: a registry may know nothing of ranges. */
async function whereItBegins(download: Download, at: number, { reference }: Attempted): Promise<number> {
  const { status, headers } = download
  if (status === 200) return at
  if (status !== 206) throw refusalOf(reference, await readRefusal(download))
  const begin = /^bytes (\d+)-/.exec(headers['content-range'] ?? '')?.[1]
  if (at > 0 && Number(begin) === at) return 0
  throw new DriverError(
    'refused',
    `registry "${reference.registry}" sends another part of a layer than it was asked for`,
  )
}

interface Passage {
  readonly progress: { at: number }
  readonly download: Download
  readonly skip: number
}

async function passOn(pipe: Writable, passage: Passage, attempt: Attempted): Promise<void> {
  const { progress, download } = passage
  try {
    await passAll(pipe, passage, attempt)
  } catch (error) {
    throw attempt.signal.aborted ? error : cutOff(download.url, error as Error)
  }
  if (progress.at < attempt.layer.size && !pipe.destroyed) throw cutOff(download.url, END)
}

async function passAll(pipe: Writable, { progress, download, skip }: Passage, attempt: Attempted): Promise<void> {
  const { layer, reference, onBytes, afterGain } = attempt
  let toSkip = skip
  for await (const received of download.stream as AsyncIterable<Buffer>) {
    const chunk = received.subarray(Math.min(toSkip, received.length))
    toSkip -= received.length - chunk.length
    if (chunk.length === 0) continue
    if (progress.at + chunk.length > layer.size) throw tooLong(reference, layer)
    progress.at += chunk.length
    afterGain()
    onBytes(progress.at)
    if (!pipe.write(chunk)) await drained(pipe)
    if (pipe.destroyed) return
  }
}

const END = Object.assign(new Error('it ended early'), { code: 'ECONNRESET' })

function cutOff(url: URL, error: Error): Error {
  if (error instanceof DriverError) return error.code === 'image-unreachable' ? new Passing(error) : error
  return new Passing(unreachable(url, error, undefined))
}

async function drained(pipe: Writable): Promise<void> {
  // Its end may have been told already, and is told once.
  if (pipe.destroyed) return
  const gone = new AbortController()
  try {
    await Promise.race([once(pipe, 'drain', gone), once(pipe, 'close', gone)])
  } catch {
    // The reader went away.
  } finally {
    gone.abort()
  }
}

function tooLong({ registry, ...reference }: Reference, { digest, size }: Descriptor): DriverError {
  return new DriverError(
    'refused',
    `registry "${registry}" sends more than the ${size} bytes of layer "${digest}" of image "${familiarName({ registry, ...reference })}"`,
    { hint: 'try again; what it sends is not what its manifest says' },
  )
}
