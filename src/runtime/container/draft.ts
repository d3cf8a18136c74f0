/** Decides what a new container will be: its document and its record. Looks at the state and the machine, makes nothing. */
import { existsSync } from 'node:fs'
import { randomHex } from '../../digests.ts'
import { type ContainerSpec, DriverError } from '../../driver/driver.ts'
import { HOST_IP } from '../network/options.ts'
import { findNetworkRecord } from '../network/record.ts'
import { halfMadeLockPath } from '../state/half-made.ts'
import { containerDir, controlSocketPath, networkDir, type StatePaths } from '../state/paths.ts'
import { boundingCapabilities, machine, throttlePaths, unknownResources } from './machine.ts'
import type { MonitorEndpoint, MonitorSpec, NetworkRecord } from './monitor-spec.ts'
import { containerNames, containersLockPath } from './names.ts'
import { findMounts } from './place-mounts.ts'
import { type ContainerRecord, requireContainer } from './record.ts'
import { chooseProfile } from './seccomp/choose.ts'
import { commitConfig } from './spec/commit-config.ts'
import { monitorSpec } from './spec/document.ts'
import { exposedPorts } from './spec/exposed-ports.ts'
import { findRuntime } from './spec/foreign-runtime.ts'
import type { ContainerImage } from './spec/image.ts'
import { JOURNAL_SOCKET, SYSLOG_SOCKETS } from './spec/log-forward.ts'
import { type PlacedMount, recordedMounts } from './spec/mounts.ts'

/** A container decided upon: all that will be written. */
export interface Draft {
  readonly spec: ContainerSpec
  readonly mounts: readonly PlacedMount[]
  readonly document: MonitorSpec
  readonly record: ContainerRecord
}

export function draftOf(paths: StatePaths, spec: ContainerSpec, image: ContainerImage): Draft {
  const containerId = randomHex(32)
  const directory = containerDir(paths, containerId)
  const networks = networksOf(paths, spec)
  if (typeof spec.ipc === 'object') refuseUnshared(requireContainer(paths, spec.ipc.container))
  const mounts = findMounts({ paths, containerDir: directory }, spec, Object.keys(image.config.Volumes ?? {}))
  refuseMissingLog(spec.logging)
  const document = monitorSpec(spec, {
    containerId,
    image,
    lowestLayer: paths.lowestLayer,
    hostname: hostnameOf(paths, spec, containerId),
    mounts,
    endpoints: endpointsOf(paths, spec, { containerId, networks }),
    hostGateway: networks[0]?.gateway ?? '127.0.0.1',
    hostIp: networks[0]?.options[HOST_IP] ?? '',
    boundingCapabilities: boundingCapabilities(),
    throttlePaths: throttlePaths(),
    unknownResources: unknownResources(),
    seccompProfile: chooseProfile(spec),
    runtime: findRuntime(spec.runtime),
    machine: machine(),
    paths: {
      state: `${directory}/state.json`,
      controlSocket: controlSocketPath(paths, containerId),
      containerDir: directory,
      events: paths.eventsFile,
    },
    removal: {
      halfMadeLock: halfMadeLockPath(paths),
      containersLock: containersLockPath(paths),
      namesDir: containerNames(paths).directory,
      volumesDir: paths.volumesDir,
    },
  })
  return { spec, mounts, document, record: recordOf({ spec, image, document, mounts, networks }) }
}

/** A machine without systemd has no journal, and one without a syslog server has none of its sockets. */
function refuseMissingLog({ driver, options }: ContainerSpec['logging']): void {
  const needed =
    driver === 'journald' ? [JOURNAL_SOCKET] : driver === 'syslog' && !options['syslog-address'] ? SYSLOG_SOCKETS : []
  if (needed.length === 0 || needed.some((path) => existsSync(path))) return
  throw new DriverError(
    'unsupported',
    `"logging: driver: ${driver}" needs ${needed[0]}, which this machine has not got`,
    {
      hint:
        driver === 'journald'
          ? 'use "syslog", "json-file" or "local"'
          : 'name a server with the option "syslog-address"',
    },
  )
}

function networksOf(paths: StatePaths, spec: ContainerSpec): readonly NetworkRecord[] {
  if (spec.networkMode.kind !== 'networks') return []
  return spec.networkMode.endpoints.map(({ networkName }) => {
    const network = findNetworkRecord(paths, networkName)
    if (network !== undefined) return network
    throw new DriverError('network-not-found', `there is no network "${networkName}"`, { hint: 'create it first' })
  })
}

/** As with Docker: a container's shared memory is its own unless it was said to be there for others. */
function refuseUnshared({ containerName, ipcShareable, joins }: ContainerRecord): void {
  if (ipcShareable || joins.ipc !== undefined) return
  throw new DriverError('refused', `the IPC of container "${containerName}" is not to be shared`, {
    hint: 'give its service "ipc: shareable"',
  })
}

/** The names that answer on each network: the container's, those the spec gives, the short id. */
function endpointsOf(
  paths: StatePaths,
  { networkMode, containerName }: ContainerSpec,
  found: { readonly containerId: string; readonly networks: readonly NetworkRecord[] },
): readonly MonitorEndpoint[] {
  if (networkMode.kind !== 'networks') return []
  return networkMode.endpoints.map((endpoint, index) => ({
    networkDir: networkDir(paths, found.networks[index]?.networkId ?? ''),
    aliases: [...new Set([containerName, ...endpoint.aliases, found.containerId.slice(0, 12)])],
    interfaceName: endpoint.interfaceName || `eth${index}`,
    ...(endpoint.ipv4Address ? { ipv4Address: endpoint.ipv4Address } : {}),
    ...(endpoint.macAddress ? { macAddress: endpoint.macAddress } : {}),
  }))
}

/** A shared network has one name of the machine: its owner's. */
function hostnameOf(paths: StatePaths, spec: ContainerSpec, containerId: string): string {
  if (spec.hostname) return spec.hostname
  if (spec.networkMode.kind === 'host' || spec.uts === 'host') return machine().hostname
  if (spec.networkMode.kind === 'container') return requireContainer(paths, spec.networkMode.containerId).hostname
  return containerId.slice(0, 12)
}

interface RecordParts {
  readonly spec: ContainerSpec
  readonly image: ContainerImage
  readonly document: MonitorSpec
  readonly mounts: readonly PlacedMount[]
  readonly networks: readonly NetworkRecord[]
}

function recordOf({ spec, image, document, mounts, networks }: RecordParts): ContainerRecord {
  const { network } = document
  const endpoints = network.kind === 'networks' ? network.endpoints : []
  return {
    version: 1,
    containerId: document.containerId,
    containerName: spec.containerName,
    image: spec.image,
    imageId: image.imageId,
    labels: { ...image.config.Labels, ...spec.labels },
    createdAtMs: Date.now(),
    argv: document.oci.process.args,
    tty: spec.tty,
    hostname: document.oci.hostname ?? machine().hostname,
    ...(spec.stopGraceMs === undefined ? {} : { stopGraceMs: spec.stopGraceMs }),
    exposed: exposedPorts(spec, image.config),
    endpoints: networks.map(({ networkName, networkId }, index) => ({
      networkName,
      networkId,
      aliases: endpoints[index]?.aliases ?? [],
    })),
    mounts: recordedMounts(mounts),
    joins: {
      ...(spec.networkMode.kind === 'container' ? { network: spec.networkMode.containerId } : {}),
      ...(typeof spec.pid === 'object' ? { pid: spec.pid.container } : {}),
      ...(typeof spec.ipc === 'object' ? { ipc: spec.ipc.container } : {}),
    },
    ...(spec.ipc === 'shareable' ? { ipcShareable: true } : {}),
    keepsLog: document.log.driver !== 'none',
    ...(spec.autoRemove ? { autoRemove: true } : {}),
    commitConfig: commitConfig(spec, image.config),
  }
}
