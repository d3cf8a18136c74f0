/** What the native driver pushes: states of a container, and its log. */
import { isDeepStrictEqual } from 'node:util'
import { observed } from '../../runtime/container/observe.ts'
import { readContainer, requireContainer } from '../../runtime/container/record.ts'
import { watchStates } from '../../runtime/container/watch.ts'
import { readEvents } from '../../runtime/event/read.ts'
import { readLogs } from '../../runtime/log/read.ts'
import type { Runtime } from '../../runtime/runtime.ts'
import type { Driver, ObservedContainer } from '../driver.ts'
import { iteratingWithDriverErrors } from './refusals.ts'

export function streamMethods(runtime: Runtime): Pick<Driver, 'watchContainer' | 'readLogs' | 'readEvents'> {
  return {
    watchContainer: (containerId, signal) => iteratingWithDriverErrors(watchContainer(runtime, containerId, signal)),
    readEvents: (projectName, options, signal) =>
      iteratingWithDriverErrors(readEvents(runtime, { ...options, projectName }, signal)),
    readLogs: (containerId, options, signal) =>
      iteratingWithDriverErrors(readLogs(runtime, { containerId, options }, signal)),
  }
}

/** Each state once, however often it was told. */
async function* watchContainer(
  { paths }: Runtime,
  containerId: string,
  signal: AbortSignal,
): AsyncGenerator<ObservedContainer> {
  requireContainer(paths, containerId)
  let last: ObservedContainer | undefined
  for await (const state of watchStates(paths, containerId, signal)) {
    const record = readContainer(paths, containerId)
    if (record === undefined || signal.aborted) return
    const next = observed(record, state)
    if (last === undefined || !isDeepStrictEqual(next, last)) yield next
    last = next
  }
}
