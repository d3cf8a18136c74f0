/** Ctrl-C and SIGTERM as an `AbortSignal`. The handlers stay until `release`, so that nothing is left half done by the default action. */
import { EXIT } from '../diagnostic.ts'

export interface Interruption {
  readonly signal: AbortSignal
  readonly release: () => void
}

/** The first signal aborts; a second one ends the process at once. */
export function interruptOnSignals(): Interruption {
  const controller = new AbortController()
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted)
    controller.abort()
  }
  const release = (): void => {
    for (const name of SIGNALS) process.off(name, onSignal)
  }
  for (const name of SIGNALS) process.on(name, onSignal)
  return { signal: controller.signal, release }
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const
