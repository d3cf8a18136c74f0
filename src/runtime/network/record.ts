/** Networks on disk: `networks/ID/network.json`, and `endpoints/` with one record for each running container. Reads only. */
import { join } from 'node:path'
import { DriverError, type ObservedNetwork } from '../../driver/driver.ts'
import type { EndpointRecord, NetworkRecord } from '../container/monitor-spec.ts'
import { isAlive } from '../state/identity.ts'
import { readLasting } from '../state/lasting-record.ts'
import { findByName, type NameIndex } from '../state/names.ts'
import { networkDir, type StatePaths } from '../state/paths.ts'
import { listNames, readText } from '../state/record-file.ts'

export function networkNames(paths: StatePaths): NameIndex<NetworkRecord> {
  return {
    directory: join(paths.namesDir, 'networks'),
    holder: (id, name) => {
      const record = readNetwork(paths, id)
      return record?.networkName === name ? record : undefined
    },
  }
}

export function readNetwork(paths: StatePaths, networkId: string): NetworkRecord | undefined {
  return readLasting<NetworkRecord>(
    join(networkDir(paths, networkId), 'network.json'),
    (record) => record.networkId === networkId,
  )
}

export function findNetworkRecord(paths: StatePaths, networkName: string): NetworkRecord | undefined {
  return findByName(networkNames(paths), networkName)
}

export function listNetworks(paths: StatePaths): NetworkRecord[] {
  return listNames(paths.networksDir).flatMap((id) => {
    const record = readIfWhole(paths, id)
    return record === undefined ? [] : [record]
  })
}

export function observedNetwork(record: NetworkRecord): ObservedNetwork {
  const { networkId, networkName, driver, labels } = record
  return { networkId, networkName, driver, labels }
}

export function endpointsDir(paths: StatePaths, networkId: string): string {
  return join(networkDir(paths, networkId), 'endpoints')
}

/** The endpoints whose monitor lives; the others are left-overs. */
export function liveEndpoints(paths: StatePaths, networkId: string): EndpointRecord[] {
  const directory = endpointsDir(paths, networkId)
  const names = listNames(directory).filter((name) => /^[0-9a-f]{64}[.]json$/.test(name))
  return names.flatMap((name) => readLiveEndpoint(`${directory}/${name}`) ?? [])
}

function readLiveEndpoint(path: string): EndpointRecord | undefined {
  const endpoint = readEndpoint(path)
  return endpoint !== undefined && isAlive(endpoint.monitor) ? endpoint : undefined
}

/** Undefined when it is gone or damaged. */
export function readEndpoint(path: string): EndpointRecord | undefined {
  try {
    const text = readText(path)
    const value: unknown = text === undefined ? undefined : JSON.parse(text)
    return isEndpoint(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isEndpoint(value: unknown): value is EndpointRecord {
  const { ipv4Address, monitor } = (value ?? {}) as Partial<EndpointRecord>
  return typeof ipv4Address === 'string' && typeof monitor?.pid === 'number'
}

function readIfWhole(paths: StatePaths, networkId: string): NetworkRecord | undefined {
  try {
    return readNetwork(paths, networkId)
  } catch (error) {
    if (error instanceof DriverError && error.code === 'state-broken') return undefined
    throw error
  }
}
