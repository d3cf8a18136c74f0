/** Unpacking by the native part, with cancellation. */
import type { NativeAddon } from '../native.ts'
import { throwIfCancelled } from '../state/lock.ts'
import type { Compression } from './document.ts'

/** The request of native/addon/src/unpack.rs. */
export interface UnpackRequest {
  readonly source: { readonly path: string } | { readonly descriptor: number }
  /** Layers are named by their diff id; a directory must not be there yet. */
  readonly target: { readonly layers: string } | { readonly directory: string }
  readonly owners: 'archive' | 'caller'
  readonly limits?: { readonly entries?: number; readonly bytes?: number; readonly ratio?: number }
  /** These three are verified before anything can be seen. */
  readonly compression?: Compression
  readonly digest?: string
  readonly diffId?: string
  /** A new file that receives the stream as it came. */
  readonly copyTo?: string
}

export interface Unpacked {
  readonly digest: string
  readonly diffId: string
  readonly compression: Compression
  readonly inputBytes: number
  readonly tarBytes: number
  readonly contentBytes: number
  readonly entries: number
}

export async function unpackArchive(
  addon: NativeAddon,
  request: UnpackRequest,
  signal: AbortSignal,
): Promise<Unpacked> {
  throwIfCancelled(signal)
  const ticket = newTicket()
  const cancel = (): void => addon.cancelUnpack(ticket)
  signal.addEventListener('abort', cancel)
  try {
    return JSON.parse(await addon.unpackArchive(JSON.stringify({ ...request, ticket }))) as Unpacked
  } finally {
    signal.removeEventListener('abort', cancel)
  }
}

/** Unique among what this process unpacks at the same time. */
function newTicket(): number {
  return Math.floor(Math.random() * 2 ** 32)
}
