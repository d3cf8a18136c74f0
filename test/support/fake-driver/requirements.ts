/** What a real engine refuses to create or start a container without. */
import { type ContainerSpec, DriverError } from '../../../src/driver/driver.ts'
import { isAlive, notRunning } from './cell.ts'
import type { World } from './world.ts'

export function requireFreeName(world: World, containerName: string): void {
  if (world.named(containerName) === undefined) return
  throw new DriverError('name-in-use', `the name "${containerName}" is taken`)
}

export function requireParts(world: World, spec: ContainerSpec): void {
  const endpoints = spec.networkMode.kind === 'networks' ? spec.networkMode.endpoints : []
  for (const { networkName } of endpoints) {
    if (!world.networks.has(networkName))
      throw new DriverError('network-not-found', `there is no network "${networkName}"`)
  }
  for (const mount of spec.mounts) {
    if (mount.kind !== 'volume' || world.volumes.has(mount.volumeName)) continue
    throw new DriverError('volume-not-found', `there is no volume "${mount.volumeName}"`)
  }
}

export function requireHost(world: World, spec: ContainerSpec): void {
  for (const reference of hostsOf(spec)) {
    const host = world.containers.get(reference)
    if (host === undefined) throw new DriverError('container-not-found', `there is no container "${reference}"`)
    if (!isAlive(host)) throw notRunning(host)
  }
}

function hostsOf({ networkMode, pid, ipc }: ContainerSpec): readonly string[] {
  return [
    ...(networkMode.kind === 'container' ? [networkMode.containerId] : []),
    ...(typeof pid === 'object' ? [pid.container] : []),
    ...(typeof ipc === 'object' ? [ipc.container] : []),
  ]
}
