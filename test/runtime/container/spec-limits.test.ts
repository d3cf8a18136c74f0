// What a container may use, as the monitor is told it: devices, disks, namespaces, and refusals of what can't be kept.
import { describe, expect, test } from 'vitest'
import { type ContainerSpec, DriverError } from '../../../src/driver/driver.ts'
import { defaultMounts } from '../../../src/runtime/container/spec/default-mounts.ts'
import { devicesOf } from '../../../src/runtime/container/spec/devices.ts'
import { joinNamespaces, namespacesOf } from '../../../src/runtime/container/spec/namespaces.ts'
import { refuseUnsupported } from '../../../src/runtime/container/spec/refusals.ts'
import { resourcesOf } from '../../../src/runtime/container/spec/resources.ts'
import { sysctlsOf } from '../../../src/runtime/container/spec/sysctls.ts'
import { containerSpec } from '../../support/container-spec.ts'

const partOf = (subpath: string) =>
  ({ kind: 'volume', volumeName: 'v', target: '/x', readOnly: false, noCopy: false, subpath }) as const
const request = { driver: '', count: -1, deviceIds: [], capabilities: ['gpu'], options: {} }
const noBlockIo = { deviceWeights: [], readBps: [], writeBps: [], readIops: [], writeIops: [] }

describe('a container', () => {
  const refused = (spec: Partial<ContainerSpec>): string => {
    try {
      refuseUnsupported(containerSpec(spec))
      return ''
    } catch (error) {
      if (error instanceof DriverError) return `${error.code}: ${error.message}`
      throw error
    }
  }

  test.each<[Partial<ContainerSpec>, string]>([
    [{ userns: 'host' }, ''],
    [{ runtime: 'runc' }, ''],
    [{ runtime: 'io.containerd.runc.v2' }, ''],
    [{ runtime: 'crun' }, ''],
    [{ runtime: 'crun', init: true }, 'unsupported: "init: true" can\'t be had from the runtime "crun"'],
    [{ runtime: 'crun', ipc: { container: 'x' } }, 'unsupported: "ipc" can\'t be had from the runtime "crun"'],
    [{ userns: 'keep-id' }, 'unsupported: "userns_mode: keep-id" is not supported by the native driver yet'],
    [{ storageOpt: { size: '1G' } }, 'unsupported: "storage_opt: size" is not supported by the native driver yet'],
    [
      { deviceRequests: [request] },
      'unsupported: no device "gpu" can be reserved: the native driver knows none of its kind',
    ],
    [
      { uts: 'host', hostname: 'x' },
      'refused: a container with "uts: host" has the name of the machine and can\'t be given another',
    ],
    [{ workingDir: 'a' }, 'refused: the working directory "a" is not an absolute path'],
    [{ environment: ['A=', '=x'] }, 'refused: the environment variable "=x" has no name'],
    [{ mounts: [{ kind: 'tmpfs', target: 'a' }] }, 'refused: nothing can be mounted at "a"'],
    [{ mounts: [{ kind: 'tmpfs', target: '/a/..' }] }, 'refused: nothing can be mounted at "/a/.."'],
    [{ mounts: [partOf('a/../../b')] }, 'refused: the subpath "a/../../b" does not lie in the volume'],
    [{ mounts: [partOf('/a')] }, 'refused: the subpath "/a" does not lie in the volume'],
    [{ mounts: [partOf('..')] }, 'refused: the subpath ".." does not lie in the volume'],
    [{ mounts: [partOf(''), partOf('.'), partOf('./a/../b/'), partOf('..a')] }, ''],
    [
      { mounts: [{ kind: 'anonymous-volume', target: '/a', readOnly: false, subpath: 'a' }] },
      'refused: there is no "a" in an anonymous volume, which is new',
    ],
    [{ cgroupParent: '/a/../..' }, 'refused: "cgroup_parent: /a/../.." leads out of the control groups'],
  ])('with %j is refused by name, or not', (spec, message) => expect(refused(spec)).toBe(message))
})

describe('a number', () => {
  const limits = (resources: ContainerSpec['resources']) =>
    resourcesOf(containerSpec({ resources }), { devices: [], unknown: [] })
  test.each<[ContainerSpec['resources'], string]>([
    [{ nanoCpus: -1e9 }, '"cpus" can\'t be -1'],
    [{ nanoCpus: 1e6 }, '"cpus" can\'t be 0.001'],
    [{ cpuShares: -5 }, '"cpu_shares" can\'t be -5'],
    [{ cpuShares: 262_145 }, '"cpu_shares" can\'t be 262145'],
    [{ cpuQuotaUs: 999 }, '"cpu_quota" can\'t be 999'],
    [{ cpuPeriodUs: 1_000_001 }, '"cpu_period" can\'t be 1000001'],
    [{ memoryBytes: -1 }, '"mem_limit" can\'t be -1'],
  ])('that no kernel takes is refused by the name of its attribute: %j', (resources, message) =>
    expect(() => limits(resources)).toThrow(message),
  )
  test.each<ContainerSpec['resources']>([
    { cpuQuotaUs: -1 },
    { cpuShares: 2 },
    { cpuPeriodUs: 1000 },
    { nanoCpus: 1e7 },
  ])('at the edge is taken: %j', (resources) => expect(Object.keys(limits(resources).cpu ?? {})).not.toEqual([]))
  test('that stands for none is not written', () =>
    expect(limits({ memorySwappiness: -1, memoryReservationBytes: -1, nanoCpus: 0 })).toEqual({ devices: [] }))
})

test('shared memory may be missing, but not less than none', () => {
  const targets = (spec: Partial<ContainerSpec>) => defaultMounts(containerSpec(spec)).map((one) => one.destination)
  expect(targets({})).toContain('/dev/shm')
  expect(targets({ ipc: 'none' })).not.toContain('/dev/shm')
  expect(() => targets({ shmSizeBytes: -1 })).toThrow('"shm_size" can\'t be -1')
})

test('a privileged container has the devices it asks for by other names too', () => {
  const devices = [{ source: '/dev/zero', target: '/dev/nought', permissions: '' }]
  expect(devicesOf(containerSpec({ privileged: true, devices })).nodes.at(-1)?.path).toBe('/dev/nought')
})

describe('device rules', () => {
  const rules = (...texts: readonly string[]) =>
    devicesOf(containerSpec({ deviceCgroupRules: texts })).rules.slice(-texts.length)

  test('are read in the notation of the kernel, and come last', () => {
    expect(rules('c 1:3 mr', 'b *:* w', 'a 7:* rwm')).toEqual([
      { allow: true, type: 'c', major: 1, minor: 3, access: 'mr' },
      { allow: true, type: 'b', access: 'w' },
      { allow: true, major: 7, access: 'rwm' },
    ])
  })
  test.each(['x 1:3 r', 'c 1 r', 'c 1:3', 'c 1:3 rx'])('%j is none', (text) =>
    expect(() => rules(text)).toThrow(`"${text}" is not a device rule`),
  )
  test('say what a device may be used for', () => {
    const spec = containerSpec({ devices: [{ source: '/dev/zero', target: '/dev/nought', permissions: 'r' }] })
    const { nodes, rules: all } = devicesOf(spec)
    expect([nodes.at(-1)?.path, all.at(-1)]).toEqual([
      '/dev/nought',
      { allow: true, type: 'c', major: 1, minor: 5, access: 'r' },
    ])
    const wrong = containerSpec({ devices: [{ source: '/dev/zero', target: '/dev/zero', permissions: 'rx' }] })
    expect(() => devicesOf(wrong)).toThrow('"rx" is no permission for the device "/dev/zero"')
  })
})

describe('limits', () => {
  const limits = (resources: ContainerSpec['resources']) =>
    resourcesOf(containerSpec({ resources }), { devices: [], unknown: [] })

  test('of real time, swappiness and the killer are passed on', () => {
    expect(limits({ cpuRealtimeRuntimeUs: 5, cpuRealtimePeriodUs: 10 }).cpu).toEqual({
      realtimeRuntime: 5,
      realtimePeriod: 10,
    })
    expect(limits({ memorySwappiness: 0, oomKillDisable: true }).memory).toEqual({
      swappiness: 0,
      disableOOMKiller: true,
    })
  })
  test('that contradict each other or the kernel are refused', () => {
    expect(() => limits({ memorySwappiness: 101 })).toThrow('"mem_swappiness" can\'t be 101')
    expect(() => limits({ memoryBytes: 10, memoryReservationBytes: 20 })).toThrow('is above the memory limit')
    expect(() => limits({ blockIo: { ...noBlockIo, weight: 9 } })).toThrow('a weight of block devices')
  })
  test('of disks need a disk', () => {
    const rate = (path: string) => limits({ blockIo: { ...noBlockIo, readBps: [{ path, rate: 1 }] } })
    expect(() => rate('/dev/null')).toThrow('device "/dev/null" of "blkio_config" is not a block device')
    expect(() => rate('/dev/not-there')).toThrow('does not exist on this machine')
  })
})

describe('namespaces', () => {
  test("of control groups are the machine's on request", () => {
    const types = (spec: Partial<ContainerSpec>) => namespacesOf(containerSpec(spec)).map(({ type }) => type)
    expect(types({ cgroupns: 'host' })).not.toContain('cgroup')
    expect(types({ cgroupns: 'private' })).toContain('cgroup')
  })
  test('of another container are joined by its first process, with its shared memory', () => {
    const spec = containerSpec({ ipc: { container: 'other' }, pid: { container: 'other' } })
    const joined = joinNamespaces(namespacesOf(spec), { ipc: 7, pid: 8 })
    expect(joined).toContainEqual({ type: 'ipc', path: '/proc/7/ns/ipc' })
    expect(joined).toContainEqual({ type: 'pid', path: '/proc/8/ns/pid' })
    expect(defaultMounts(spec).at(-1)).toMatchObject({ destination: '/dev/shm', type: 'shared-memory' })
  })
})

test('kernel parameters may be set in every namespace but the machine’s', () => {
  const set = (name: string, spec: Partial<ContainerSpec> = {}) =>
    sysctlsOf(containerSpec({ sysctls: { [name]: '1' }, ...spec }))[name]
  expect(set('net.core.somaxconn', { networkMode: { kind: 'container', containerId: 'x' } })).toBe('1')
  expect(set('kernel.domainname')).toBe('1')
  for (const [name, spec] of [
    ['net.core.somaxconn', { networkMode: { kind: 'host' } }],
    ['kernel.shmmax', { ipc: 'host' }],
    ['kernel.domainname', { uts: 'host' }],
    ['vm.swappiness', {}],
  ] as const) {
    expect(() => set(name, spec)).toThrow(`sysctl "${name}" would change the whole machine`)
  }
})
