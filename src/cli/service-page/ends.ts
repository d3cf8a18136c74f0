/** How containers came to stand still, from the journal of what happened to them. */
import type { ContainerEvent, ObservedContainer } from '../../driver/driver.ts'
import { humanDuration } from '../../view/human-time.ts'
import type { End } from '../../view/service-page.ts'

const NANOS_PER_MS = 1_000_000n

/** The last end of a container whose events these are, in order of time. */
export function lastEndOf(events: readonly ContainerEvent[], nowMs: number): End | undefined {
  const at = events.findLastIndex(({ action }) => action === 'die')
  const die = events[at]
  if (die === undefined) return undefined
  const began = events.slice(0, at).findLastIndex(({ action }) => action === 'start')
  const startedAgain = events.findIndex(({ action }, index) => index > at && action === 'start')
  // Docker tells of the stop after the end.
  const around = events.slice(began + 1, startedAgain === -1 ? undefined : startedAgain)
  const did = (action: string): boolean => around.some((event) => event.action === action)
  const signal = around.findLast(({ action }) => action === 'kill')?.attributes.signal
  const atMs = Number(die.timeNs / NANOS_PER_MS)
  return {
    at: new Date(atMs).toISOString(),
    ago: `${humanDuration(nowMs - atMs)} ago`,
    exitCode: Number(die.attributes.exitCode ?? 0),
    ...causeOf(did, signal),
    unhealthy:
      around.findLast(({ action }) => action.startsWith('health_status'))?.action === 'health_status: unhealthy',
    ...(startedAgain !== -1 && { startedAgain: did('stop') ? 'command' : 'restart-policy' }),
  }
}

/** What the container's own state tells of it, where no event does. */
export function endOfRecord(container: ObservedContainer, nowMs: number): End | undefined {
  const { status, finishedAtMs, exitCode, oomKilled, health } = container
  if ((status !== 'exited' && status !== 'dead') || finishedAtMs === 0) return undefined
  return {
    at: new Date(finishedAtMs).toISOString(),
    ago: `${humanDuration(nowMs - finishedAtMs)} ago`,
    exitCode,
    cause: oomKilled ? 'out-of-memory' : 'unknown',
    unhealthy: health === 'unhealthy',
  }
}

function causeOf(did: (action: string) => boolean, signal: string | undefined): Pick<End, 'cause' | 'signal'> {
  if (did('oom')) return { cause: 'out-of-memory' }
  if (did('stop')) return { cause: 'stopped' }
  if (did('kill')) return { cause: 'killed', ...(signal !== undefined && { signal }) }
  return { cause: 'by-itself' }
}
