/**
 * The containers of a project whose output is followed, and those that join them: replicas that are added, containers that are exchanged
 * and those that are started again. Each run of a container is followed once.
 */
import type { Driver, ObservedContainer } from '../../driver/driver.ts'
import { DriverError } from '../../driver/driver.ts'

export interface CompanyOptions {
  readonly driver: Driver
  readonly projectName: string
  readonly isWanted: (container: ObservedContainer) => boolean
  /** Until it has ended for good, and how it has; `sinceMs` is after the end of the run that was followed before. */
  readonly follow: (container: ObservedContainer, sinceMs?: number) => Promise<ObservedContainer | undefined>
  readonly signal: AbortSignal
}

export interface Company {
  readonly add: (container: ObservedContainer) => void
  /** Adds whoever starts from now on, until nobody is left. */
  readonly untilAllEnded: (options: { readonly sinceMs: number; readonly isOver: () => boolean }) => Promise<void>
}

export function openCompany(options: CompanyOptions): Company {
  const { driver, projectName, isWanted, follow, signal } = options
  const active = new Map<string, Promise<void>>()
  const past = new Map<string, Pick<ObservedContainer, 'startedAtMs' | 'finishedAtMs'>>()
  let failure: { readonly error: unknown } | undefined

  const fail = (error: unknown): void => {
    failure ??= { error }
  }
  const add = (container: ObservedContainer): void => {
    const { containerId } = container
    const before = past.get(containerId)
    if (active.has(containerId) || before?.startedAtMs === container.startedAtMs || !isWanted(container)) return
    const task = follow(container, before && before.finishedAtMs + 1)
      .then((last) => void past.set(containerId, last ?? container), fail)
      .finally(() => active.delete(containerId))
    active.set(containerId, task)
  }
  const addLater = async (sinceMs: number, watching: AbortSignal): Promise<void> => {
    for await (const { action, containerId } of driver.readEvents(projectName, { sinceMs }, watching)) {
      const container = action === 'start' ? await inspect(driver, containerId, watching) : undefined
      if (container) add(container)
    }
  }
  const untilAllGone = async (): Promise<void> => {
    while (active.size > 0 && failure === undefined) await Promise.race(active.values())
    if (failure) throw failure.error
  }
  return {
    add,
    untilAllEnded: async ({ sinceMs, isOver }) => {
      const watching = new AbortController()
      const later = addLater(sinceMs, AbortSignal.any([watching.signal, signal])).catch((error: unknown) => {
        if (!watching.signal.aborted && !signal.aborted) fail(error)
      })
      try {
        do {
          await untilAllGone()
          if (isOver() || signal.aborted) return
          for (const container of await aliveOnceSettled(options)) add(container)
        } while (active.size > 0)
      } finally {
        watching.abort()
        await later
      }
    },
  }
}

/** Somebody may be about to start again what has just ended: a restart is a stop and a start. */
async function aliveOnceSettled(options: CompanyOptions): Promise<readonly ObservedContainer[]> {
  const { driver, projectName, signal } = options
  const release = await driver.lockProject(projectName, signal)
  try {
    const { containers } = await driver.observe(projectName, signal)
    return containers.filter((one) => one.status === 'running' || one.status === 'restarting')
  } finally {
    await release()
  }
}

/** Undefined when it is gone again. */
async function inspect(
  driver: Driver,
  containerId: string,
  signal: AbortSignal,
): Promise<ObservedContainer | undefined> {
  try {
    return await driver.inspectContainer(containerId, signal)
  } catch (error) {
    if (error instanceof DriverError && error.code === 'container-not-found') return undefined
    throw error
  }
}
