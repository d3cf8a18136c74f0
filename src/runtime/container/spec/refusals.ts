/** What the native driver can't do yet is refused by name, before anything is made. Pure. */
import { type ContainerSpec, DriverError, type EndpointSpec, type MountSpec } from '../../../driver/driver.ts'

const RUNTIMES = new Set(['', 'runc', 'crun', 'io.containerd.runc.v2'])
const PROPAGATIONS = new Set(['', 'rprivate', 'private', 'rshared', 'shared', 'rslave', 'slave'])

export function refuseUnsupported(spec: ContainerSpec): void {
  if (!RUNTIMES.has(spec.runtime ?? '')) throw unsupported(`runtime: ${spec.runtime}`)
  if (typeof spec.ipc === 'object') throw unsupported('ipc: container:…')
  if (spec.networkMode.kind === 'networks') spec.networkMode.endpoints.forEach(refuseEndpoint)
  spec.mounts.forEach(refuseMount)
}

export function unsupported(attribute: string): DriverError {
  return new DriverError('unsupported', `"${attribute}" is not supported by the native driver yet`)
}

function refuseEndpoint(endpoint: EndpointSpec): void {
  if (endpoint.ipv6Address) throw unsupported('networks: ipv6_address')
  if (endpoint.gatewayPriority) throw unsupported('networks: gw_priority')
  if (Object.keys(endpoint.driverOptions ?? {}).length > 0) throw unsupported('networks: driver_opts')
}

function refuseMount(mount: MountSpec): void {
  if (mount.kind === 'volume' && mount.subpath) throw unsupported('volumes: volume: subpath')
  if (mount.kind === 'bind' && !PROPAGATIONS.has(mount.propagation ?? '')) {
    throw new DriverError('refused', `"${mount.propagation}" is not a mount propagation`, {
      hint: 'use rprivate, private, rshared, shared, rslave or slave',
    })
  }
}
