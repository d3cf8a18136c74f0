/** What the driver pushes: states of a container, its log, and events. */
import {
  type ContainerEvent,
  type Driver,
  type EventOptions,
  LABEL,
  type LogEntry,
} from '../../../src/driver/driver.ts'
import { watchContainer } from './watch.ts'
import type { World } from './world.ts'

type Methods = Pick<Driver, 'readLogs' | 'readEvents' | 'watchContainer'>

export function streamMethods(world: World): Methods {
  return {
    async *readLogs(
      containerId: string,
      options: Parameters<Driver['readLogs']>[1],
      signal: AbortSignal,
    ): AsyncIterable<LogEntry> {
      const cell = await world.enterContainer('readLogs', containerId, signal)
      const from = options.tail === undefined ? 0 : Math.max(0, cell.log.length - options.tail)
      for (let index = from; index < cell.log.length; index += 1) yield cell.log[index] as LogEntry
      if (!options.follow) return
      let next = cell.log.length
      for await (const state of watchContainer(world, containerId, signal)) {
        for (; next < cell.log.length; next += 1) yield cell.log[next] as LogEntry
        if (state.status === 'exited') return
      }
    },

    async *readEvents(projectName: string, options: EventOptions, signal: AbortSignal): AsyncIterable<ContainerEvent> {
      await world.enter('readEvents', projectName, signal)
      let next = options.sinceMs === undefined ? world.events.length : 0
      while (!signal.aborted) {
        for (; next < world.events.length; next += 1) {
          const event = world.events[next] as ContainerEvent
          if (event.labels[LABEL.project] === projectName) yield event
        }
        if (options.untilMs !== undefined || signal.aborted) return
        await new Promise<void>((resolve) => {
          world.eventListeners.add(resolve)
          signal.addEventListener('abort', () => resolve(), { once: true })
        })
      }
    },

    watchContainer: (containerId, signal) => watchContainer(world, containerId, signal),
  }
}
