/** Device nodes of a container, and the rules that say which devices it may use. Looks at the host's /dev, changes nothing. */
import { lstatSync, readdirSync, type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import { type ContainerSpec, DriverError } from '../../../driver/driver.ts'
import type { DeviceNumbers, OciResources, OciSpec } from '../monitor-spec.ts'

export type Device = OciSpec['linux']['devices'][number]
export type DeviceRule = OciResources['devices'][number]

export interface Devices {
  readonly nodes: readonly Device[]
  readonly rules: readonly DeviceRule[]
}

const EVERYONE = 0o666

const DEFAULT: readonly Device[] = [
  { path: '/dev/null', type: 'c', major: 1, minor: 3, fileMode: EVERYONE, uid: 0, gid: 0 },
  { path: '/dev/zero', type: 'c', major: 1, minor: 5, fileMode: EVERYONE, uid: 0, gid: 0 },
  { path: '/dev/full', type: 'c', major: 1, minor: 7, fileMode: EVERYONE, uid: 0, gid: 0 },
  { path: '/dev/random', type: 'c', major: 1, minor: 8, fileMode: EVERYONE, uid: 0, gid: 0 },
  { path: '/dev/urandom', type: 'c', major: 1, minor: 9, fileMode: EVERYONE, uid: 0, gid: 0 },
  { path: '/dev/tty', type: 'c', major: 5, minor: 0, fileMode: EVERYONE, uid: 0, gid: 0 },
]

/** Any node may be made, so that packages can be unpacked; only these may be opened. */
const DEFAULT_RULES: readonly DeviceRule[] = [
  { allow: false, access: 'rwm' },
  { allow: true, type: 'c', access: 'm' },
  { allow: true, type: 'b', access: 'm' },
  ...DEFAULT.map(({ type, major, minor }) => ({ allow: true, type, major, minor, access: 'rwm' })),
  { allow: true, type: 'c', major: 5, minor: 1, access: 'rwm' },
  { allow: true, type: 'c', major: 5, minor: 2, access: 'rwm' },
  { allow: true, type: 'c', major: 136, access: 'rwm' },
]

export function devicesOf(spec: ContainerSpec): Devices {
  const asked = spec.devices.map((device) => ({ access: accessOf(device), nodes: nodesBelow(device) }))
  if (spec.privileged) {
    const nodes = asked.flatMap((device) => device.nodes)
    return { nodes: merge(DEFAULT, hostDevices('/dev', '/dev'), nodes), rules: [{ allow: true, access: 'rwm' }] }
  }
  const rules = asked.flatMap(({ access, nodes }) => nodes.map((node) => ruleOf(node, access)))
  return {
    nodes: merge(
      DEFAULT,
      asked.flatMap(({ nodes }) => nodes),
    ),
    rules: [...DEFAULT_RULES, ...rules, ...spec.deviceCgroupRules.map(readRule)],
  }
}

function accessOf({ source, permissions }: ContainerSpec['devices'][number]): string {
  if (/^[rwm]{0,3}$/.test(permissions)) return permissions || 'rwm'
  throw new DriverError('refused', `"${permissions}" is no permission for the device "${source}"`, {
    hint: 'use r, w and m',
  })
}

/** `vendor.com/class=name`. */
const CDI = /^[^/=]+\/[^/=]+=.+$/

/** A directory stands for the devices in it. */
function nodesBelow(device: { readonly source: string; readonly target: string }): readonly Device[] {
  const stats = statSync(device.source, { throwIfNoEntry: false })
  if (stats?.isDirectory()) return hostDevices(device.source, device.target)
  const node = stats && nodeOf(device.target, stats)
  if (node) return [node]
  const problem = stats ? 'is not a device' : 'does not exist on this machine'
  const hint = CDI.test(device.source) ? 'names of CDI are not supported by the native driver: name a device file' : ''
  throw new DriverError('refused', `device "${device.source}" ${problem}`, hint === '' ? {} : { hint })
}

/** Consoles, terminals and shared memory are the container's own. */
const OWN = new Set(['pts', 'shm', 'fd', 'mqueue', 'console', '.lxc', '.lxd-mounts', '.udev'])

function hostDevices(source: string, target: string): readonly Device[] {
  return readdirSync(source)
    .filter((name) => !OWN.has(name))
    .flatMap((name) => {
      const stats = lstatSync(join(source, name), { throwIfNoEntry: false })
      if (stats?.isDirectory()) return hostDevices(join(source, name), join(target, name))
      const node = stats && nodeOf(join(target, name), stats)
      return node ? [node] : []
    })
}

function nodeOf(path: string, stats: Stats): Device | undefined {
  if (!stats.isCharacterDevice() && !stats.isBlockDevice()) return undefined
  return {
    path,
    type: stats.isCharacterDevice() ? 'c' : 'b',
    ...numbersOf(stats),
    fileMode: stats.mode & 0o777,
    uid: stats.uid,
    gid: stats.gid,
  }
}

/** As the C library packs them. */
export function numbersOf(stats: Stats): DeviceNumbers {
  const number = BigInt(stats.rdev)
  return {
    major: Number(((number >> 8n) & 0xfffn) | ((number >> 32n) & 0xfffff000n)),
    minor: Number((number & 0xffn) | ((number >> 12n) & 0xffffff00n)),
  }
}

const RULE = /^([abc]) (\d+|\*):(\d+|\*) ([rwm]{1,3})$/

/** `c 1:3 mr`: the kernel's notation, with `*` for every number. */
function readRule(text: string): DeviceRule {
  const [, type, major, minor, access] = RULE.exec(text.trim()) ?? []
  if (type === undefined || access === undefined) {
    throw new DriverError('refused', `"${text}" is not a device rule`, { hint: 'write it as "c 1:3 rwm"' })
  }
  return {
    allow: true,
    ...(type === 'a' ? {} : { type: type as 'b' | 'c' }),
    ...(major === '*' ? {} : { major: Number(major) }),
    ...(minor === '*' ? {} : { minor: Number(minor) }),
    access,
  }
}

function ruleOf(node: Device, access: string): DeviceRule {
  return { allow: true, type: node.type, major: node.major, minor: node.minor, access }
}

/** The later node of a path wins. */
function merge(...lists: readonly (readonly Device[])[]): readonly Device[] {
  return [...new Map(lists.flat().map((device) => [device.path, device])).values()]
}
