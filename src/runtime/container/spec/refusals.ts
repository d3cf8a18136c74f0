/** What the native driver can't do yet is refused by name, before anything is made. Pure. */
import { posix } from 'node:path'
import {
  type ContainerSpec,
  type DeviceRequestSpec,
  DriverError,
  type EndpointSpec,
  type MountSpec,
} from '../../../driver/driver.ts'
import { isForeign } from './foreign-runtime.ts'

const PROPAGATIONS = new Set(['', 'rprivate', 'private', 'rshared', 'shared', 'rslave', 'slave'])

export function refuseUnsupported(spec: ContainerSpec): void {
  if (spec.userns && spec.userns !== 'host') throw unsupported(`userns_mode: ${spec.userns}`)
  Object.keys(spec.storageOpt).forEach((option) => {
    throw unsupported(`storage_opt: ${option}`)
  })
  spec.deviceRequests.forEach(refuseRequest)
  refuseNames(spec)
  refusePaths(spec)
  refuseParent(spec.cgroupParent ?? '')
  if (isForeign(spec.runtime)) refuseForeign(spec)
  if (spec.networkMode.kind === 'networks') spec.networkMode.endpoints.forEach(refuseEndpoint)
  spec.mounts.forEach(refuseMount)
}

export function unsupported(attribute: string): DriverError {
  return new DriverError('unsupported', `"${attribute}" is not supported by the native driver yet`)
}

/** What our own sandbox alone can do. */
function refuseForeign({ runtime, init, ipc }: ContainerSpec): void {
  const attribute = init ? 'init: true' : typeof ipc === 'object' ? 'ipc' : undefined
  if (attribute === undefined) return
  throw new DriverError('unsupported', `"${attribute}" can't be had from the runtime "${runtime}"`, {
    hint: 'leave one of the two out',
  })
}

function refuseRequest({ driver, capabilities }: DeviceRequestSpec): void {
  const wanted = [driver, ...capabilities].filter((word) => word !== '').join(' ')
  throw new DriverError(
    'unsupported',
    `no device "${wanted}" can be reserved: the native driver knows none of its kind`,
    {
      hint: 'leave "gpus" and the reserved devices out, or name the device files under "devices"',
    },
  )
}

function refuseNames({ uts, hostname, domainname }: ContainerSpec): void {
  if (uts !== 'host' || !(hostname || domainname)) return
  throw new DriverError(
    'refused',
    'a container with "uts: host" has the name of the machine and can\'t be given another',
    {
      hint: 'leave "hostname" and "domainname" out',
    },
  )
}

/** A relative one would be taken as below the root, which is seldom what was meant. */
function refusePaths({ workingDir, environment }: ContainerSpec): void {
  if (workingDir && !workingDir.startsWith('/')) {
    throw new DriverError('refused', `the working directory "${workingDir}" is not an absolute path`, {
      hint: `write "working_dir: /${workingDir}"`,
    })
  }
  const nameless = environment.find((entry) => entry.startsWith('='))
  if (nameless === undefined) return
  throw new DriverError('refused', `the environment variable "${nameless}" has no name`, { hint: 'write NAME=value' })
}

function refuseParent(parent: string): void {
  if (!parent.split('/').some((part) => part === '..')) return
  throw new DriverError('refused', `"cgroup_parent: ${parent}" leads out of the control groups`)
}

function refuseEndpoint(endpoint: EndpointSpec): void {
  if (endpoint.ipv6Address) throw unsupported('networks: ipv6_address')
  if (endpoint.gatewayPriority) throw unsupported('networks: gw_priority')
  if (Object.keys(endpoint.driverOptions ?? {}).length > 0) throw unsupported('networks: driver_opts')
}

/** By its text alone: where links lead is seen when the container starts. */
function refuseSubpath({ kind, subpath = '' }: Extract<MountSpec, { readonly subpath?: string }>): void {
  if (subpath === '') return
  if (kind === 'anonymous-volume') {
    throw new DriverError('refused', `there is no "${subpath}" in an anonymous volume, which is new`, {
      hint: 'give the mount the name of a volume as its "source"',
    })
  }
  if (!posix.isAbsolute(subpath) && posix.normalize(`${subpath}/`).split('/')[0] !== '..') return
  throw new DriverError('refused', `the subpath "${subpath}" does not lie in the volume`, {
    hint: 'write a path that starts at the volume\'s root, without a "/" in front',
  })
}

function refuseMount(mount: MountSpec): void {
  if (!mount.target.startsWith('/') || posix.normalize(mount.target) === '/') {
    throw new DriverError('refused', `nothing can be mounted at "${mount.target}"`, {
      hint: 'give the absolute path of a directory or a file below "/"',
    })
  }
  if (mount.kind === 'volume' || mount.kind === 'anonymous-volume') refuseSubpath(mount)
  if (mount.kind === 'bind' && !PROPAGATIONS.has(mount.propagation ?? '')) {
    throw new DriverError('refused', `"${mount.propagation}" is not a mount propagation`, {
      hint: 'use rprivate, private, rshared, shared, rslave or slave',
    })
  }
}
