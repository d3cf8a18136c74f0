/**
 * A note about an `up -d` that found nothing to do. Where the same is asked again and all stands as it stood, the launcher gives the same answer
 * (ADR 19; native/launcher/src/note.rs). Of files it holds which were looked at, never what they said.
 */
import type { Standing } from '../../driver/native/settled.ts'
import type { Inquiry } from './inquiry.ts'

type Pairs<T> = readonly (readonly [path: string, value: T])[]

export interface Note extends Standing {
  readonly version: 2
  readonly kinds: Pairs<Inquiry['kinds'][string]>
  readonly realpaths: Pairs<string>
  /** What was said, on each output. */
  readonly said: Said
}

export interface Said {
  readonly out: string
  readonly err: string
}
