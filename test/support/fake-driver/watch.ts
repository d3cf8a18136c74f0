/** States of a container, as they come. */
import type { ObservedContainer } from '../../../src/driver/driver.ts'
import type { World } from './world.ts'

export async function* watchContainer(
  world: World,
  containerId: string,
  signal: AbortSignal,
): AsyncIterable<ObservedContainer> {
  const cell = await world.enterContainer('watchContainer', containerId, signal)
  const news: ObservedContainer[] = [cell.state]
  let wake = (): void => undefined
  const listener = (): void => {
    news.push(cell.state)
    wake()
  }
  cell.watchers.add(listener)
  const onAbort = (): void => wake()
  signal.addEventListener('abort', onAbort)
  try {
    while (!signal.aborted) {
      const state = news.shift()
      if (state === undefined && !world.containers.has(containerId)) return
      if (state === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      } else if (world.containers.has(containerId)) yield state
    }
  } finally {
    cell.watchers.delete(listener)
    signal.removeEventListener('abort', onAbort)
  }
}
