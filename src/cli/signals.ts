/** Ctrl-C and SIGTERM as an `AbortSignal`. The handlers stay until `release`, so that nothing is left half done by the default action. */
import { EXIT } from '../diagnostic.ts'

export interface Interruption {
  readonly signal: AbortSignal
  /** What a second one does: end the process at once, unless somebody has a better idea. */
  again: () => void
  readonly release: () => void
}

export function interruptOnSignals(): Interruption {
  const controller = new AbortController()
  const onSignal = (): void => {
    if (controller.signal.aborted) interruption.again()
    else controller.abort()
  }
  const release = (): void => {
    for (const name of SIGNALS) process.off(name, onSignal)
  }
  for (const name of SIGNALS) process.on(name, onSignal)
  const interruption: Interruption = { signal: controller.signal, again: () => process.exit(EXIT.interrupted), release }
  return interruption
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const
