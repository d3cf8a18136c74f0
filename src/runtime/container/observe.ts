/** A container as the outside sees it: its record and its state, joined. Reads two small files, takes no lock. */
import { DriverError, type ObservedContainer, type ObservedPort } from '../../driver/driver.ts'
import { isStopped } from '../state/identity.ts'
import type { StatePaths } from '../state/paths.ts'
import type { ContainerStateRecord } from './monitor-spec.ts'
import { type ContainerRecord, listContainers, requireContainer } from './record.ts'
import { initialState, isUp, readState } from './state.ts'

export function inspectContainer(paths: StatePaths, containerId: string): ObservedContainer {
  return observed(requireContainer(paths, containerId), readState(paths, containerId))
}

export function observeContainers(paths: StatePaths, keep: (record: ContainerRecord) => boolean): ObservedContainer[] {
  return listContainers(paths)
    .filter(keep)
    .map((record) => ({ record, state: stateOrDead(paths, record.containerId) }))
    .filter(({ record, state }) => !isToVanish(record, state))
    .map(({ record, state }) => observed(record, state))
}

/** Those that were to be removed at their end, and have ended. */
export function endedForRemoval(paths: StatePaths): readonly string[] {
  return listContainers(paths)
    .filter((record) => record.autoRemove && isToVanish(record, stateOrDead(paths, record.containerId)))
    .map(({ containerId }) => containerId)
}

function isToVanish({ autoRemove }: ContainerRecord, { status }: ContainerStateRecord): boolean {
  return autoRemove === true && (status === 'exited' || status === 'dead')
}

export function observed(record: ContainerRecord, state: ContainerStateRecord): ObservedContainer {
  return {
    containerId: record.containerId,
    containerName: record.containerName,
    image: record.image,
    imageId: record.imageId,
    labels: record.labels,
    status: state.status,
    ...(state.health && isUp(state) ? healthOf(state.health) : {}),
    ...(state.monitor && isUp(state) && isStopped(state.monitor) ? { unresponsive: true } : {}),
    exitCode: state.exitCode,
    oomKilled: state.oomKilled,
    ...(state.error === '' ? {} : { error: state.error }),
    createdAtMs: record.createdAtMs,
    startedAtMs: state.startedAtMs,
    finishedAtMs: state.finishedAtMs,
    restartCount: state.restartCount,
    argv: record.argv,
    ports: isUp(state) ? portsOf(record, state) : [],
    endpoints: endpointsOf(record, state),
    mounts: record.mounts,
    ...(record.stopGraceMs === undefined ? {} : { stopGraceMs: record.stopGraceMs }),
    tty: record.tty,
    keepsLog: record.keepsLog ?? true,
  }
}

function healthOf({ status, log }: NonNullable<ContainerStateRecord['health']>): Partial<ObservedContainer> {
  return { health: status, healthOutputs: log.map(({ output }) => output) }
}

/** A damaged state file says nothing about the others; the container can still be removed. */
function stateOrDead(paths: StatePaths, containerId: string): ContainerStateRecord {
  try {
    return readState(paths, containerId)
  } catch (error) {
    if (!(error instanceof DriverError) || error.code !== 'state-broken') throw error
    return { ...initialState(containerId), status: 'dead', error: error.message }
  }
}

/** Published ports, then those that are only exposed. */
function portsOf(record: ContainerRecord, state: ContainerStateRecord): ObservedPort[] {
  const published = new Set(state.ports.map((port) => `${port.target}/${port.protocol}`))
  return [...state.ports, ...record.exposed.filter((one) => !published.has(one)).map(exposedPort)]
}

function exposedPort(text: string): ObservedPort {
  const [target, protocol] = text.split('/')
  return { hostIp: '', published: 0, target: Number(target), protocol: protocol === 'udp' ? 'udp' : 'tcp' }
}

function endpointsOf(record: ContainerRecord, state: ContainerStateRecord): ObservedContainer['endpoints'] {
  return record.endpoints.map((endpoint) => {
    const address = state.endpoints.find((one) => one.networkId === endpoint.networkId)?.ipv4Address
    return { ...endpoint, ...(address ? { ipv4Address: address } : {}) }
  })
}
