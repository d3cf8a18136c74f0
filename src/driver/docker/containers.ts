/** The life of a container on a Docker daemon. */
import {
  type ContainerSpec,
  type ContainerUpdate,
  type Driver,
  DriverError,
  type ObservedContainer,
  type ObservedPort,
} from '../driver.ts'
import { putContents } from './contents.ts'
import { createBody, endpointBody } from './create-body.ts'
import type { Engine } from './engine.ts'
import { ifThere } from './objects.ts'
import { type Inspected, observedContainer } from './observed.ts'
import { hasStatus } from './refusals.ts'
import { limitsBody } from './resources-body.ts'
import type { Seen } from './seen.ts'

type LifeMethods = Pick<
  Driver,
  | 'createContainer'
  | 'startContainer'
  | 'stopContainer'
  | 'killContainer'
  | 'pauseContainer'
  | 'unpauseContainer'
  | 'renameContainer'
  | 'updateContainer'
  | 'removeContainer'
  | 'inspectContainer'
>

export function lifeMethods(engine: Engine, seen: Seen): LifeMethods {
  return {
    createContainer: (spec, signal) => create({ engine, seen }, spec, signal),
    startContainer: async (id, signal) => {
      await start(engine, id, signal)
      return seen.portless.has(id) ? [] : await publishedPorts(engine, id, signal)
    },
    stopContainer: (id, { timeoutMs }, signal) => stop(engine, id, { timeoutMs, signal }),
    killContainer: (id, name, signal) => named(engine, { id, signal }, 'kill', { signal: name }),
    pauseContainer: (id, signal) => named(engine, { id, signal }, 'pause'),
    unpauseContainer: (id, signal) => named(engine, { id, signal }, 'unpause'),
    renameContainer: (id, name, signal) => act(engine, { id, signal }, 'rename', { name }),
    updateContainer: (id, update, signal) => updateContainer(engine, { id, signal }, update),
    removeContainer: (id, { anonymousVolumes }, signal) => remove(engine, { id, signal }, anonymousVolumes),
    inspectContainer: (id, signal) => inspect(engine, id, signal),
  }
}

interface Which {
  readonly id: string
  readonly signal: AbortSignal
}

export async function inspect(engine: Engine, id: string, signal: AbortSignal): Promise<ObservedContainer> {
  return observedContainer(await engine.json<Inspected>({ path: `/containers/${id}/json`, signal }))
}

interface Memory {
  readonly engine: Engine
  readonly seen: Seen
}

/** Whatever can't be done to what was made takes it away again. */
async function create({ engine, seen }: Memory, spec: ContainerSpec, signal: AbortSignal): Promise<string> {
  const allNetworks = await engine.knows('1.44', signal)
  await requireNetworks({ engine, seen }, spec, signal)
  const { Id: id } = await engine.json<{ readonly Id: string }>({
    method: 'POST',
    path: '/containers/create',
    query: { name: spec.containerName, platform: spec.platform },
    body: createBody(spec, { allNetworks }),
    signal,
  })
  try {
    if (!allNetworks) await connectOthers(engine, spec, { id, signal })
    await putContents(engine, spec.mounts, { id, signal })
    if (spec.ports.length === 0) seen.portless.add(id)
    return id
  } catch (error) {
    await remove(engine, { id, signal: AbortSignal.timeout(30_000) }, true).catch(() => {})
    throw error
  }
}

/** The daemon would notice at the start. */
async function requireNetworks(
  { engine, seen }: Memory,
  { networkMode }: ContainerSpec,
  signal: AbortSignal,
): Promise<void> {
  if (networkMode.kind !== 'networks') return
  const unknown = networkMode.endpoints.map((one) => one.networkName).filter((name) => !seen.networks.has(name))
  const look = async (name: string): Promise<void> => {
    await engine.json({ path: `/networks/${encodeURIComponent(name)}`, signal })
    seen.networks.add(name)
  }
  await Promise.all(unknown.map(look))
}

async function connectOthers(engine: Engine, { networkMode }: ContainerSpec, { id, signal }: Which): Promise<void> {
  if (networkMode.kind !== 'networks') return
  for (const endpoint of networkMode.endpoints.slice(1)) {
    const path = `/networks/${encodeURIComponent(endpoint.networkName)}/connect`
    await engine.json({ method: 'POST', path, body: { Container: id, EndpointConfig: endpointBody(endpoint) }, signal })
  }
}

/** How often a port that was chosen from a range may be taken by somebody else in between. */
const PORT_ROUNDS = 5

export async function start(engine: Engine, id: string, signal: AbortSignal): Promise<void> {
  for (let round = 1; ; round += 1) {
    try {
      return await act(engine, { id, signal }, 'start')
    } catch (error) {
      const refusal = await whyNotStarted(engine, { id, signal }, error)
      const isRace = refusal.code === 'port-taken' && round < PORT_ROUNDS && (await choosesPort(engine, id, signal))
      if (!isRace) throw refusal
    }
  }
}

async function publishedPorts(engine: Engine, id: string, signal: AbortSignal): Promise<readonly ObservedPort[]> {
  return (await inspect(engine, id, signal)).ports.filter((port) => port.published > 0)
}

/** Whatever is no refusal is thrown again. */
async function whyNotStarted(engine: Engine, { id, signal }: Which, error: unknown): Promise<DriverError> {
  if (!(error instanceof DriverError)) throw error
  const found = await unlessGone(inspect(engine, id, signal))
  if (found === undefined) return error
  const { status, containerName } = found
  if (status === 'paused') {
    return new DriverError('refused', `container "${containerName}" is paused, and can't be started`, {
      hint: 'let it go on with "tscompose unpause"',
      cause: error,
    })
  }
  // What it is missing is somebody else's.
  const isOthers =
    error.code === 'container-not-found' || / non running container|joining network namespace/.test(error.message)
  return isOthers ? new DriverError('container-not-running', error.message, { cause: error }) : error
}

/** A container that is to be removed at its end goes as soon as its start has failed. */
async function unlessGone<T>(looking: Promise<T>): Promise<T | undefined> {
  try {
    return await looking
  } catch (error) {
    if (error instanceof DriverError && error.code === 'container-not-found') return undefined
    throw error
  }
}

/** Whether another try may find another port. */
async function choosesPort(engine: Engine, id: string, signal: AbortSignal): Promise<boolean> {
  const found = await unlessGone(engine.json<Inspected>({ path: `/containers/${id}/json`, signal }))
  const bindings = Object.values(
    (found?.HostConfig.PortBindings ?? {}) as Record<string, { readonly HostPort: string }[] | null>,
  )
  return bindings.some((all) =>
    (all ?? []).some(({ HostPort: port }) => port === '' || port === '0' || port.includes('-')),
  )
}

async function stop(
  engine: Engine,
  id: string,
  { timeoutMs, signal }: { readonly timeoutMs: number | undefined; readonly signal: AbortSignal },
): Promise<number> {
  await act(engine, { id, signal }, 'stop', { t: timeoutMs === undefined ? undefined : Math.ceil(timeoutMs / 1000) })
  return (await inspect(engine, id, signal)).exitCode
}

/** The daemon speaks of containers by their ids; people know names. */
async function named(engine: Engine, which: Which, verb: string, query: object = {}): Promise<void> {
  try {
    await act(engine, which, verb, query)
  } catch (error) {
    if (!(error instanceof DriverError) || error.code === 'container-not-found') throw error
    const { containerName, status } = await inspect(engine, which.id, which.signal)
    const isUp = status === 'running' || status === 'paused' || status === 'restarting'
    const code = isUp ? error.code : 'container-not-running'
    const what = isUp ? obstacle(verb, status) : 'is not running'
    throw new DriverError(code, `container "${containerName}" ${what}`, { cause: error })
  }
}

function obstacle(verb: string, status: string): string {
  if (verb === 'pause' && status === 'paused') return 'is paused already'
  if (verb === 'unpause' && status === 'running') return 'is not paused'
  return `is ${status}, and can't be ${PAST[verb]}`
}

const PAST: Readonly<Record<string, string>> = { kill: 'signalled', pause: 'paused', unpause: 'unpaused' }

async function act(engine: Engine, { id, signal }: Which, verb: string, query: object = {}): Promise<void> {
  await engine.json({ method: 'POST', path: `/containers/${id}/${verb}`, query: { ...query }, signal })
}

async function updateContainer(engine: Engine, { id, signal }: Which, update: ContainerUpdate): Promise<void> {
  if (Object.keys(update.labels).length > 0)
    throw new DriverError('unsupported', "a Docker daemon can't change a container's labels", { hint: 'make it anew' })
  const { restart, resources } = update
  const body = {
    RestartPolicy: { Name: restart.kind, MaximumRetryCount: restart.maxRetries },
    ...(resources && limitsBody(resources)),
  }
  await engine.json({ method: 'POST', path: `/containers/${id}/update`, body, signal })
}

/** Somebody else's removal that is under way is waited for. */
async function remove(engine: Engine, { id, signal }: Which, volumes: boolean): Promise<void> {
  try {
    await ifThere(
      engine.json({ method: 'DELETE', path: `/containers/${id}`, query: { force: true, v: volumes }, signal }),
    )
  } catch (error) {
    if (!hasStatus(error, 409)) throw error
    await ifThere(
      engine.json({ method: 'POST', path: `/containers/${id}/wait`, query: { condition: 'removed' }, signal }),
    )
  }
}
