/** Makes a network: chooses its subnet, writes its record, has its bridge made. All of it or nothing. */
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { isIPv4 } from 'node:net'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { randomHex } from '../../digests.ts'
import { DriverError, type NetworkSpec } from '../../driver/driver.ts'
import type { NetworkRecord } from '../container/monitor-spec.ts'
import { unsupported } from '../container/spec/refusals.ts'
import { prepareDirectories, type Runtime } from '../runtime.ts'
import { replaceLasting } from '../state/lasting-record.ts'
import { type LockRequest, underLock } from '../state/lock.ts'
import { claimName, releaseName } from '../state/names.ts'
import { networkDir } from '../state/paths.ts'
import { listNames } from '../state/record-file.ts'
import { addressingOf, type UsedSubnet } from './addressing.ts'
import { HOST_IP } from './options.ts'
import { endpointsDir, findNetworkRecord, listNetworks, networkNames } from './record.ts'
import { readSubnet } from './subnet.ts'
import { takeOffHost } from './take-off.ts'

/** Done when one of that name with the same labels is there. Returns what on this host stands in a new one's way, a sentence for each. */
export async function createNetwork(
  runtime: Runtime,
  spec: NetworkSpec,
  signal: AbortSignal,
): Promise<readonly string[]> {
  refuseUnsupported(spec)
  prepareDirectories(runtime)
  return await underLock(runtime.native().addon, networksLock(runtime, signal), async (lock) =>
    isThere(runtime, spec) ? [] : await make(runtime, recordOf(runtime, spec), lock),
  )
}

/** Held while networks come and go, so that two of them never take one name or one subnet. */
export function networksLock({ paths }: Runtime, signal: AbortSignal): LockRequest {
  return { path: join(paths.locksDir, 'networks'), mode: 'exclusive', signal }
}

function isThere(runtime: Runtime, spec: NetworkSpec): boolean {
  const existing = findNetworkRecord(runtime.paths, spec.networkName)
  if (existing === undefined) return false
  if (isDeepStrictEqual({ ...existing.labels }, { ...spec.labels })) return true
  throw new DriverError('name-in-use', `a network named "${spec.networkName}" exists already, with other labels`, {
    hint: 'give this one another name, or say "external: true" to use the existing one',
  })
}

async function make(runtime: Runtime, record: NetworkRecord, lock: number): Promise<readonly string[]> {
  const { paths } = runtime
  const names = networkNames(paths)
  try {
    sweepHalfMadeNetworks(runtime)
    mkdirSync(endpointsDir(paths, record.networkId), { recursive: true, mode: 0o700 })
    claimName(names, record.networkName, { id: record.networkId, directory: networkDir(paths, record.networkId) })
    // From here on it is there: a name alone means nothing.
    replaceLasting(join(networkDir(paths, record.networkId), 'network.json'), record)
    return await runtime.native().addon.ensureNetwork(JSON.stringify(record))
  } catch (error) {
    await unmake(runtime, record, lock)
    throw error
  }
}

/** What can't be taken off the machine keeps its record, so that a later command can. */
async function unmake(runtime: Runtime, record: NetworkRecord, lock: number): Promise<void> {
  const { paths } = runtime
  try {
    await takeOffHost(runtime, record, lock)
    releaseName(networkNames(paths), record.networkName)
    rmSync(networkDir(paths, record.networkId), { recursive: true, force: true })
  } catch {
    // Why it could not be made is what counts.
  }
}

/** Directories without a record are what killed commands left. */
export function halfMadeNetworks({ paths }: Runtime): string[] {
  const directories = listNames(paths.networksDir).map((id) => networkDir(paths, id))
  return directories.filter((directory) => !existsSync(join(directory, 'network.json')))
}

/** Whoever holds the lock is alone with them. */
export function sweepHalfMadeNetworks(runtime: Runtime): void {
  for (const directory of halfMadeNetworks(runtime)) rmSync(directory, { recursive: true, force: true })
}

function recordOf(runtime: Runtime, spec: NetworkSpec): NetworkRecord {
  const networkId = randomHex(32)
  return {
    version: 1,
    networkId,
    networkName: spec.networkName,
    driver: 'bridge',
    bridge: `tsc${networkId.slice(0, 12)}`,
    ...addressingOf(spec, usedSubnets(runtime)),
    internal: spec.internal,
    labels: spec.labels,
    options: spec.driverOptions,
    createdAtMs: Date.now(),
  }
}

function usedSubnets({ paths, native }: Runtime): UsedSubnet[] {
  const ours = listNetworks(paths).map(({ subnet, networkName }) => ({
    text: subnet,
    owner: `network "${networkName}"`,
  }))
  const hosts = native()
    .addon.hostSubnets()
    .map((text) => ({ text, owner: `"${text}" of this machine` }))
  return [...ours, ...hosts].flatMap(({ text, owner }) => {
    const subnet = readSubnet(text)
    // The default route covers everything and says nothing.
    return subnet === undefined || subnet.bits === 0 ? [] : [{ subnet, owner }]
  })
}

function refuseUnsupported(spec: NetworkSpec): void {
  if (!['', 'default', 'bridge'].includes(spec.driver)) throw unsupported(`driver: ${spec.driver}`)
  if (spec.enableIpv6) throw unsupported('enable_ipv6')
  if (spec.ipam.length > 1) throw unsupported('ipam: config with more than one subnet')
  const hostIp = spec.driverOptions[HOST_IP]
  if (hostIp !== undefined && !isIPv4(hostIp)) {
    throw new DriverError('refused', `"${HOST_IP}: ${hostIp}" is no IPv4 address`, { hint: 'such as 127.0.0.1' })
  }
}
