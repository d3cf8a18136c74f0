/** How containers end while their output is shown, in Docker Compose's words. */
import type { Driver, ObservedContainer } from '../../driver/driver.ts'

export interface EndingOptions {
  readonly driver: Driver
  /** Told at each restart. */
  readonly onRestart: (container: ObservedContainer) => void
  readonly signal: AbortSignal
}

/** The container's last state; undefined when it was taken away or nobody looks any more. */
export async function watchUntilEnd(
  container: ObservedContainer,
  { driver, onRestart, signal }: EndingOptions,
): Promise<ObservedContainer | undefined> {
  let before = container.status
  for await (const now of driver.watchContainer(container.containerId, signal)) {
    if (now.status === 'exited' || now.status === 'dead') return now
    if (now.status === 'restarting' && before !== 'restarting') onRestart(now)
    before = now.status
  }
  return undefined
}

export function restartText({ exitCode }: ObservedContainer): string {
  return `exited with code ${exitCode} (restarting)`
}

export function endText({ exitCode, oomKilled }: ObservedContainer): string {
  return `exited with code ${exitCode}${oomKilled ? ' (out of memory)' : ''}`
}
