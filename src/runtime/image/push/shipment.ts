/** What the parts of one push have in common: where it goes, how, and what has been sent by now. */
import type { PushEvent } from '../../../driver/driver.ts'
import type { Reference } from '../reference.ts'
import type { RegistryClient } from '../registry/client.ts'
import type { ImageStore } from '../store.ts'

export interface Shipment {
  readonly store: ImageStore
  readonly client: RegistryClient
  readonly target: Reference
  /** Repositories where content of the image is known to be. */
  readonly origins: readonly Reference[]
  readonly sent: Sent
  readonly onEvent: (event: PushEvent) => void
  readonly signal: AbortSignal
}

/** Shared by all pushes of a command: what one of them sends, the others take over from its repository. */
export interface Sent {
  /** By registry and digest: who sends it first, and when it is there. */
  readonly blobs: Map<string, { readonly repository: string; readonly done: Promise<unknown> }>
  /** Of one request; a registry, or what stands before it, may want less. */
  partBytes: number
}

const PART_BYTES = 16 << 20

export function nothingSent(): Sent {
  return { blobs: new Map(), partBytes: PART_BYTES }
}
