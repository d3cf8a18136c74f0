/** What a daemon tells as it happens: events of a project's containers, and from them the states of one. */
import { isDeepStrictEqual } from 'node:util'
import {
  type ContainerEvent,
  type Driver,
  DriverError,
  type EventOptions,
  LABEL,
  type ObservedContainer,
} from '../driver.ts'
import { inspect } from './containers.ts'
import type { Engine } from './engine.ts'
import { jsonLines } from './json-lines.ts'
import { secondsOf } from './logs.ts'

interface EngineEvent {
  readonly Action: string
  readonly timeNano: number
  readonly time: number
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> }
}

export async function* readEvents(
  engine: Engine,
  projectName: string,
  { sinceMs, untilMs }: EventOptions,
  signal: AbortSignal,
): ReturnType<Driver['readEvents']> {
  const filters = { type: ['container'], label: [`${LABEL.project}=${projectName}`] }
  const query = { since: secondsOf(sinceMs), until: secondsOf(untilMs) }
  const { events, stop } = await listen(engine, filters, query, signal)
  try {
    for await (const event of events) yield toEvent(event)
  } finally {
    stop()
  }
}

interface Listening {
  readonly events: AsyncIterable<EngineEvent>
  /** Has to be called also where no event was ever taken: the connection would keep the process alive. */
  readonly stop: () => void
}

/** The daemon listens from when this returns, also for who takes the events later. */
async function listen(
  engine: Engine,
  filters: Readonly<Record<string, readonly string[]>>,
  query: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<Listening> {
  const stream = await engine.stream({
    path: '/events',
    query: { ...query, filters: JSON.stringify(filters) },
    signal,
  })
  return { events: untilAborted(jsonLines<EngineEvent>(stream), signal), stop: () => stream.destroy() }
}

async function* untilAborted<T>(items: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  try {
    yield* items
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

/** The daemon puts labels and what belongs to the event into one list. */
const OF_EVENTS = new Set([
  ...['exitCode', 'execDuration', 'execID', 'signal', 'oldName', 'height', 'width'],
  ...['comment', 'imageID', 'imageRef'],
])

function toEvent({ Action: action, Actor: actor, timeNano, time }: EngineEvent): ContainerEvent {
  const { name = '', image = '', ...rest } = actor.Attributes
  const isOfEvent = ([key]: readonly [string, string]): boolean => OF_EVENTS.has(key)
  const all = Object.entries(rest)
  return {
    // A number of that size has lost its last digits.
    timeNs: BigInt(time) * 1_000_000_000n + (BigInt(Math.round(timeNano)) % 1_000_000_000n),
    containerId: actor.ID,
    containerName: name,
    image,
    labels: Object.fromEntries(all.filter((one) => !isOfEvent(one))),
    action,
    attributes: Object.fromEntries(all.filter(isOfEvent)),
  }
}

/** The events are asked for before the first look, so that nothing falls in between. */
export async function* watchContainer(
  engine: Engine,
  id: string,
  signal: AbortSignal,
): ReturnType<Driver['watchContainer']> {
  const { events, stop } = await listen(engine, { type: ['container'], container: [id] }, {}, signal)
  try {
    let last = await inspect(engine, id, signal)
    yield last
    for await (const { Action: action } of events) {
      if (action.startsWith('exec_')) continue
      const next = await inspectUnlessGone(engine, id, signal)
      if (next === undefined || action === 'destroy') return
      // What is being removed is called dead for a moment.
      if (next.status === 'dead' || isDeepStrictEqual(next, last)) continue
      last = next
      yield next
    }
  } finally {
    stop()
  }
}

async function inspectUnlessGone(
  engine: Engine,
  id: string,
  signal: AbortSignal,
): Promise<ObservedContainer | undefined> {
  try {
    return await inspect(engine, id, signal)
  } catch (error) {
    if (error instanceof DriverError && ['container-not-found', 'cancelled'].includes(error.code)) return undefined
    throw error
  }
}
