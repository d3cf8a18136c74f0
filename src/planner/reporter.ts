/** Turns what happens to steps into progress events: one running line for each resource, however many steps it takes. */
import type { ObservedPort, PullEvent, PushEvent } from '../driver/driver.ts'
import type { Step } from './plan.ts'
import { type ProgressEvent, type ProgressStatus, wordsFor } from './progress.ts'

export interface Reporter {
  readonly begin: (step: Step) => void
  /** `text` replaces the usual word, where the outcome has one of its own. */
  readonly finish: (step: Step, text?: string) => void
  /** A container runs, and is published on these. */
  readonly started: (step: Step, ports: readonly ObservedPort[]) => void
  readonly fail: (step: Step, detail: string) => void
  readonly warn: (step: Step, detail: string) => void
  /** What should be known of a step that was done. */
  readonly caution: (step: Step, detail: string) => void
  readonly skip: (step: Step) => void
  readonly pull: (step: Step, event: PullEvent) => void
  readonly push: (step: Step, event: PushEvent) => void
  /** What a build says. */
  readonly output: (step: Step, line: string) => void
}

type LayerEvent = Extract<PullEvent | PushEvent, { readonly kind: 'layer' }>

/** Docker's words. */
const LAYER_WORDS: Readonly<Record<LayerEvent['status'], string>> = {
  waiting: 'Waiting',
  downloading: 'Downloading',
  unpacking: 'Extracting',
  done: 'Pull complete',
  compressing: 'Compressing',
  compressed: 'Compressed',
  pushing: 'Pushing',
  pushed: 'Pushed',
  mounted: 'Mounted from',
  there: 'Layer already exists',
}
const AT_THE_END: ReadonlySet<LayerEvent['status']> = new Set(['done', 'compressed', 'pushed', 'mounted', 'there'])
const SHORT_DIGEST = 12

type Extra = Partial<Pick<ProgressEvent, 'detail' | 'output' | 'ports' | 'currentBytes' | 'totalBytes'>>

export function createReporter(onEvent: (event: ProgressEvent) => void, now: () => number): Reporter {
  const begun = new Map<string, { readonly atMs: number; text: string }>()
  const skipped = new Set<string>()
  const layers = new Map<string, Map<string, { readonly currentBytes: number; readonly totalBytes: number }>>()

  const emit = (step: Step, status: ProgressStatus, text: string, extra: Extra = {}): void => {
    const { resource } = wordsFor(step)
    const elapsedMs = now() - (begun.get(resource)?.atMs ?? now())
    onEvent({ stepId: step.id, resource, status, text, elapsedMs, ...extra })
  }
  const emitLayer = (step: Step, event: LayerEvent): void => {
    const { digest, status, currentBytes, totalBytes } = event
    const resource = digest.slice('sha256:'.length).slice(0, SHORT_DIGEST)
    const parent = wordsFor(step).resource
    const elapsedMs = now() - (begun.get(parent)?.atMs ?? now())
    onEvent({
      stepId: step.id,
      resource,
      parent,
      status: AT_THE_END.has(status) ? 'done' : 'working',
      text: 'from' in event ? `${LAYER_WORDS[status]} ${event.from}` : LAYER_WORDS[status],
      elapsedMs,
      currentBytes,
      totalBytes,
    })
  }
  const begin = (step: Step): void => {
    const { resource, working } = wordsFor(step)
    if (working === undefined || begun.get(resource)?.text === working) return
    begun.set(resource, { atMs: begun.get(resource)?.atMs ?? now(), text: working })
    emit(step, 'working', working)
  }
  const finish = (step: Step, text = wordsFor(step).done, extra: Extra = {}): void => {
    if (text === undefined) return
    emit(step, 'done', text, extra)
    begun.delete(wordsFor(step).resource)
  }
  // However many of its steps are left out.
  const skip = (step: Step): void => {
    const { resource } = wordsFor(step)
    if (skipped.has(resource)) return
    skipped.add(resource)
    emit(step, 'skipped', 'Skipped')
  }
  const transfer = (step: Step, event: PullEvent | PushEvent): void => {
    if (event.kind !== 'layer') return
    const { resource, working = '' } = wordsFor(step)
    const known = layers.get(resource) ?? new Map()
    layers.set(resource, known.set(event.digest, event))
    emitLayer(step, event)
    emit(step, 'working', working, totalOf([...known.values()]))
  }
  return {
    begin,
    finish: (step, text) => finish(step, text),
    started: (step, ports) => finish(step, undefined, ports.length === 0 ? {} : { ports }),
    fail: (step, detail) => emit(step, 'error', 'Error', { detail }),
    warn: (step, detail) => emit(step, 'warning', 'Skipped', { detail }),
    caution: (step, detail) => emit(step, 'warning', 'Warning', { detail }),
    skip,
    pull: transfer,
    push: transfer,
    output: (step, line) => emit(step, 'working', wordsFor(step).working ?? '', { output: line }),
  }
}

function totalOf(layers: readonly { readonly currentBytes: number; readonly totalBytes: number }[]): Extra {
  return {
    currentBytes: layers.reduce((sum, layer) => sum + layer.currentBytes, 0),
    totalBytes: layers.reduce((sum, layer) => sum + layer.totalBytes, 0),
  }
}
