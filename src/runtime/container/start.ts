/** Starts a container: one monitor, whoever asks and however often. */
import { join } from 'node:path'
import { DriverError, type ExecStreams, type ObservedPort } from '../../driver/driver.ts'
import type { Runtime } from '../runtime.ts'
import { containerDir } from '../state/paths.ts'
import { readRecord, replaceRecord } from '../state/record-file.ts'
import type { ControlConnection } from './control.ts'
import { converse } from './converse.ts'
import { type Audience, launchMonitor } from './launch.ts'
import { underContainerLock } from './lock.ts'
import { isWatched } from './monitor.ts'
import type { MonitorSpec } from './monitor-spec.ts'
import { type ContainerRecord, readContainer, requireContainer } from './record.ts'
import { removeContainer } from './remove.ts'
import { SHARED_MEMORY } from './spec/default-mounts.ts'
import { type JoinedPids, joinNamespaces } from './spec/namespaces.ts'
import { isUp, readState } from './state.ts'
import { sweep, sweepLost } from './sweep.ts'

/** Returns when the container's first program runs: the ports it is published on. Done when it runs already; `refused` when it is paused. */
export async function startContainer(
  runtime: Runtime,
  containerId: string,
  signal: AbortSignal,
): Promise<readonly ObservedPort[]> {
  try {
    return await startUnderLock(runtime, containerId, signal)
  } catch (error) {
    // What hinders that says less than why it did not start.
    if (!signal.aborted) await removeUnstarted(runtime, containerId, signal).catch(() => {})
    throw error
  }
}

/** Of what is to be removed at its end, a start that was refused is the end. */
async function removeUnstarted(runtime: Runtime, containerId: string, signal: AbortSignal): Promise<void> {
  const { paths } = runtime
  if (!readContainer(paths, containerId)?.autoRemove || isUp(readState(paths, containerId))) return
  await removeContainer(runtime, containerId, { anonymousVolumes: true, signal })
}

function startUnderLock(runtime: Runtime, containerId: string, signal: AbortSignal): Promise<readonly ObservedPort[]> {
  return underContainerLock(runtime, { containerId, signal }, async () => {
    const record = requireContainer(runtime.paths, containerId)
    const state = await sweepLost(runtime, containerId)
    if (state.status === 'paused') throw pausedError(record)
    if (isUp(state)) return state.ports
    if (!(await isWatched(runtime, containerId, signal))) {
      joinOthers(runtime, record)
      await launch(runtime, { containerId }, signal)
    }
    // Once the lock is free, one that is to be removed at its end may be gone.
    return readState(runtime.paths, containerId).ports
  })
}

function pausedError({ containerName }: ContainerRecord): DriverError {
  return new DriverError('refused', `container "${containerName}" is paused, and can't be started`, {
    hint: 'let it go on with "tscompose unpause"',
  })
}

/** Returns the exit code of the first program, of which the caller misses nothing. `refused` when it runs already. */
export async function startAttached(
  runtime: Runtime,
  { containerId, streams }: { readonly containerId: string; readonly streams: ExecStreams },
  signal: AbortSignal,
): Promise<number> {
  const { terminalSize = { rows: 0, columns: 0 } } = streams
  const audience = { stdin: streams.stdin !== undefined, ...terminalSize }
  const connection = await underContainerLock(runtime, { containerId, signal }, async () => {
    const record = requireContainer(runtime.paths, containerId)
    const state = await sweepLost(runtime, containerId)
    if (isUp(state) || (await isWatched(runtime, containerId, signal)))
      throw new DriverError('refused', `container "${record.containerName}" runs already`, { hint: 'attach to it' })
    joinOthers(runtime, record)
    return launch(runtime, { containerId, audience }, signal)
  })
  if (connection === undefined) throw new Error('the monitor was started for nobody; please report this')
  return converse(connection, streams, 'ends-input')
}

interface Launching {
  readonly containerId: string
  readonly audience?: Audience
}

/** A monitor that is killed before it could answer leaves whatever it had begun. */
async function launch(
  runtime: Runtime,
  { containerId, audience }: Launching,
  signal: AbortSignal,
): Promise<ControlConnection | undefined> {
  try {
    const directory = containerDir(runtime.paths, containerId)
    return await launchMonitor(runtime.native(), { directory, ...(audience && { audience }) }, signal)
  } catch (error) {
    if (error instanceof DriverError && error.code === 'monitor-lost') await sweep(runtime, containerId)
    throw error
  }
}

/** Namespaces of other containers are known by their first process, and that is another one each time. */
function joinOthers(runtime: Runtime, record: ContainerRecord): void {
  const network = pidOf(runtime, record.joins.network)
  const pid = pidOf(runtime, record.joins.pid)
  const ipc = pidOf(runtime, record.joins.ipc)
  if (network === undefined && pid === undefined && ipc === undefined) return
  const path = join(containerDir(runtime.paths, record.containerId), 'spec.json')
  const spec = readRecord<MonitorSpec>(path)
  if (spec === undefined) throw new DriverError('state-broken', `"${path}" is missing`)
  const pids = withoutUndefined({ network, pid, ipc })
  const linux = { ...spec.oci.linux, namespaces: joinNamespaces(spec.oci.linux.namespaces, pids) }
  const joined = network === undefined ? spec.network : { kind: 'container', pid: network }
  const mounts = spec.oci.mounts.map((mount) =>
    mount.type === SHARED_MEMORY ? { ...mount, source: `/proc/${ipc}/ns/mnt` } : mount,
  )
  replaceRecord(path, { ...spec, network: joined, oci: { ...spec.oci, linux, mounts } })
}

function withoutUndefined(pids: Readonly<Record<keyof JoinedPids, number | undefined>>): JoinedPids {
  return Object.fromEntries(Object.entries(pids).filter(([, pid]) => pid !== undefined))
}

function pidOf({ paths }: Runtime, containerId: string | undefined): number | undefined {
  if (containerId === undefined) return undefined
  const owner = requireContainer(paths, containerId)
  const state = readState(paths, containerId)
  if (isUp(state) && state.pid > 0) return state.pid
  throw new DriverError(
    'container-not-running',
    `container "${owner.containerName}", whose namespace is to be shared, is not running`,
    {
      hint: 'start it first',
    },
  )
}
