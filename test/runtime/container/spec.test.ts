import { describe, expect, test } from 'vitest'
import type { ContainerSpec } from '../../../src/driver/driver.ts'
import { argvOf } from '../../../src/runtime/container/spec/argv.ts'
import { capabilitiesOf } from '../../../src/runtime/container/spec/capabilities.ts'
import { environmentOf } from '../../../src/runtime/container/spec/environment.ts'
import { exposedPorts } from '../../../src/runtime/container/spec/exposed-ports.ts'
import { healthcheckOf } from '../../../src/runtime/container/spec/healthcheck.ts'
import { logOf } from '../../../src/runtime/container/spec/logging.ts'
import { ociMounts } from '../../../src/runtime/container/spec/mounts.ts'
import { refuseUnsupported } from '../../../src/runtime/container/spec/refusals.ts'
import { resourcesOf, rlimitsOf } from '../../../src/runtime/container/spec/resources.ts'
import { securityOf } from '../../../src/runtime/container/spec/security.ts'
import { signalNumber } from '../../../src/runtime/container/spec/signals.ts'
import { sysctlsOf } from '../../../src/runtime/container/spec/sysctls.ts'
import { containerSpec } from '../../support/container-spec.ts'

const everything = (1n << 41n) - 1n

describe('the program', () => {
  const image = { Entrypoint: ['/entry'], Cmd: ['serve'] }
  const check = (spec: Partial<ContainerSpec>, argv: readonly string[]): void =>
    expect(argvOf(containerSpec(spec), image)).toEqual(argv)

  test("is the image's when the spec names none", () => check({}, ['/entry', 'serve']))
  test('keeps the entrypoint when only the command is given', () =>
    check({ command: ['migrate'] }, ['/entry', 'migrate']))
  test("loses the image's command when the entrypoint is given", () => check({ entrypoint: ['sh'] }, ['sh']))
  test("keeps the image's command when the entrypoint is cleared", () => check({ entrypoint: [] }, ['serve']))
  test('has no command when that is cleared', () => check({ command: [] }, ['/entry']))
  test('is a clear error when there is none', () => {
    expect(() => argvOf(containerSpec({ entrypoint: [''] }), image)).toThrow('no command is given for "app-web-1"')
  })
})

describe('the environment', () => {
  const check = (image: readonly string[], spec: readonly string[], variables: readonly string[]): void =>
    expect(environmentOf({ image, spec, hostname: 'web', tty: false })).toEqual(variables)
  const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

  test("has a path and the host's name at least", () => check([], [], [path, 'HOSTNAME=web']))
  test("takes the image's, overridden by the spec's", () =>
    check(['A=1', 'PATH=/x'], ['A=2', 'B=a=b'], ['PATH=/x', 'HOSTNAME=web', 'A=2', 'B=a=b']))
  test('loses a variable that the spec names without a value', () => check(['A=1'], ['A'], [path, 'HOSTNAME=web']))
})

describe('capabilities', () => {
  const check = (spec: Partial<ContainerSpec>, bounding = everything): readonly string[] =>
    capabilitiesOf(containerSpec(spec), bounding).effective

  test("are Docker's fourteen by default, and none is inherited", () => {
    const { effective, inheritable, ambient } = capabilitiesOf(containerSpec({}), everything)
    expect([...effective].sort()).toMatchInlineSnapshot(`
      [
        "CAP_AUDIT_WRITE",
        "CAP_CHOWN",
        "CAP_DAC_OVERRIDE",
        "CAP_FOWNER",
        "CAP_FSETID",
        "CAP_KILL",
        "CAP_MKNOD",
        "CAP_NET_BIND_SERVICE",
        "CAP_NET_RAW",
        "CAP_SETFCAP",
        "CAP_SETGID",
        "CAP_SETPCAP",
        "CAP_SETUID",
        "CAP_SYS_CHROOT",
      ]
    `)
    expect([inheritable, ambient]).toEqual([[], []])
  })
  test('are only those added when all are dropped', () =>
    expect(check({ capDrop: ['ALL'], capAdd: ['net_admin'] })).toEqual(['CAP_NET_ADMIN']))
  test('are all but those dropped when all are added', () => {
    const names = check({ capAdd: ['all'], capDrop: ['CAP_SYS_ADMIN'] })
    expect([names.length, names.includes('CAP_SYS_ADMIN')]).toEqual([40, false])
  })
  test('of a privileged container are those we have ourselves', () =>
    expect(check({ privileged: true }, 0b101n)).toEqual(['CAP_CHOWN', 'CAP_DAC_READ_SEARCH']))
  test('are all by the one name "ALL"', () => expect(() => check({ capAdd: ['CAP_ALL'] })).toThrow('"CAP_ALL" is not'))
  test('with a wrong name are refused', () =>
    expect(() => check({ capAdd: ['FLY'] })).toThrow('"FLY" is not a capability'))
})

describe('the health check', () => {
  test("takes each absent field from the image, then from Docker's defaults", () => {
    const image = { Test: ['CMD', 'ok'], Interval: 5e9, Retries: 7 }
    expect(healthcheckOf({ timeoutMs: 1_000 }, image)).toEqual({
      test: ['CMD', 'ok'],
      intervalMs: 5_000,
      timeoutMs: 1_000,
      startPeriodMs: 0,
      startIntervalMs: 5_000,
      retries: 7,
    })
  })
  test('of the image is switched off by NONE', () =>
    expect(healthcheckOf({ test: ['NONE'] }, { Test: ['CMD', 'ok'] })).toBeUndefined())
})

describe('limits', () => {
  const machine = { devices: [], unknown: [] }
  test('that the control groups know nothing of are left out', () => {
    const spec = containerSpec({ resources: { memoryBytes: 64, memorySwappiness: 10, oomKillDisable: true } })
    const { memory } = resourcesOf(spec, { devices: [], unknown: ['memorySwappiness', 'oomKillDisable'] })
    expect(memory).toEqual({ limit: 64, swap: 128 })
  })
  test('of memory allow as much swap again', () => {
    expect(resourcesOf(containerSpec({ resources: { memoryBytes: 64 } }), machine).memory).toEqual({
      limit: 64,
      swap: 128,
    })
  })
  test('of processors become a quota of time', () => {
    expect(resourcesOf(containerSpec({ resources: { nanoCpus: 1_500_000_000 } }), machine).cpu).toEqual({
      quota: 150_000,
      period: 100_000,
    })
  })
  test('for swap below the memory limit are refused', () => {
    const spec = containerSpec({ resources: { memoryBytes: 64, memorySwapBytes: 32 } })
    expect(() => resourcesOf(spec, machine)).toThrow('("memswap_limit") is below the memory limit')
  })
  test('of a process keep -1 as infinity, and never exceed their hard one', () => {
    expect(rlimitsOf({ nofile: { soft: 10, hard: -1 } })).toEqual([{ type: 'RLIMIT_NOFILE', soft: 10, hard: -1 }])
    expect(() => rlimitsOf({ nofile: { soft: 20, hard: 10 } })).toThrow(
      'ulimit "nofile": the soft limit is above the hard limit',
    )
    expect(() => rlimitsOf({ core: { soft: -2, hard: -1 } })).toThrow("can't be below -1")
  })
})

describe('mounts', () => {
  const destinations = (spec: Partial<ContainerSpec>, targets: readonly string[]): string[] =>
    ociMounts(
      containerSpec(spec),
      targets.map((target) => ({ kind: 'tmpfs', mount: { kind: 'tmpfs', target } })),
    ).map((one) => one.destination)

  test('have parents before children, whatever the order they were written in', () => {
    expect(destinations({}, ['/a/b/c', '/a', '/a/b']).slice(-3)).toEqual(['/a', '/a/b', '/a/b/c'])
  })
  test('of the user replace the default ones with all below', () => {
    expect(destinations({}, ['/dev'])).toEqual(['/proc', '/sys', '/sys/fs/cgroup', '/dev'])
  })
  test('of a tmpfs are restricted unless the user says otherwise', () => {
    const mount = { kind: 'tmpfs', target: '/run', options: ['exec'], sizeBytes: 4096, mode: 0o1770 } as const
    const options = ociMounts(containerSpec({}), [{ kind: 'tmpfs', mount }]).at(-1)?.options
    expect(options).toEqual(['nosuid', 'nodev', 'exec', 'size=4096', 'mode=1770'])
  })
})

test('a privileged container has nothing masked', () => {
  expect(securityOf(containerSpec({ privileged: true }), ['/sys/x'])).toEqual({
    noNewPrivileges: false,
    maskedPaths: [],
    readonlyPaths: [],
  })
})

test("a security option that can't be honoured is refused", () => {
  expect(securityOf(containerSpec({ securityOpt: ['no-new-privileges:true'] }), []).noNewPrivileges).toBe(true)
  expect(securityOf(containerSpec({ securityOpt: ['no-new-privileges=false', 'label=disable'] }), [])).toMatchObject({
    noNewPrivileges: false,
  })
  const unknown = ['apparmor=mine', 'label=type:mine_t', 'no-new-privileges:maybe', 'systempaths=x', 'constructor=x']
  for (const option of unknown) {
    expect(() => securityOf(containerSpec({ securityOpt: [option] }), [])).toThrow(
      `"security_opt: ${option}" is not supported`,
    )
  }
})

test('a kernel parameter of the whole machine is refused', () => {
  expect(() => sysctlsOf(containerSpec({ sysctls: { 'vm.swappiness': '1' } }))).toThrow(
    'sysctl "vm.swappiness" would change the whole machine',
  )
  expect(() =>
    sysctlsOf(containerSpec({ sysctls: { 'net.core.somaxconn': '9' }, networkMode: { kind: 'host' } })),
  ).toThrow('net.core.somaxconn')
  expect(sysctlsOf(containerSpec({ sysctls: { 'net.core.somaxconn': '9' } }))).toMatchObject({
    'net.core.somaxconn': '9',
    'net.ipv4.ip_unprivileged_port_start': '0',
  })
})

test('signals are known by name and number', () => {
  expect(['SIGTERM', 'quit', '9', 'SIGRTMIN+3', 'RTMAX-1'].map(signalNumber)).toEqual([15, 3, 9, 37, 63])
  expect(() => signalNumber('SIGNONE')).toThrow('"SIGNONE" is not a signal')
})

const speaker = {
  containerId: 'c'.repeat(64),
  containerName: 'app-web-1',
  imageName: 'nginx:1',
  imageId: `sha256:${'d'.repeat(64)}`,
  hostname: 'host',
}
const log = (driver: string, options: Readonly<Record<string, string>> = {}) =>
  logOf({ driver, options }, '/l', speaker)

test('log sizes count in thousands, as Docker does', () => {
  expect(log('json-file', { 'max-size': '10m', 'max-file': '3' })).toEqual({
    driver: 'json-file',
    path: '/l',
    maxSizeBytes: 10_000_000,
    maxFiles: 3,
  })
  expect(() => log('json-file', { 'max-size': 'much' })).toThrow('needs a size such as "10m", not "much"')
  expect(() => log('json-file', { 'syslog-format': 'rfc5424' })).toThrow('log option "syslog-format" is not known')
})

test('output that goes to the journal or to a syslog server is kept for "logs" too, unless that is not wanted', () => {
  expect(log('journald', { tag: '{{.Name}}/{{.ImageName}}' })).toEqual({
    driver: 'json-file',
    path: '/l',
    maxSizeBytes: 20_000_000,
    maxFiles: 5,
    forward: {
      kind: 'journald',
      socket: '/run/systemd/journal/socket',
      fields: {
        CONTAINER_ID: 'c'.repeat(12),
        CONTAINER_ID_FULL: 'c'.repeat(64),
        CONTAINER_NAME: 'app-web-1',
        CONTAINER_TAG: 'app-web-1/nginx:1',
        IMAGE_NAME: 'nginx:1',
        SYSLOG_IDENTIFIER: 'app-web-1/nginx:1',
      },
    },
  })
  expect(log('syslog', { 'cache-disabled': 'true' })).toMatchObject({
    driver: 'none',
    forward: { kind: 'syslog', format: 'unix', facility: 3, tag: 'c'.repeat(12), hostname: 'host' },
  })
})

test('a syslog server is named as Docker names it', () => {
  const address = (text: string) => log('syslog', { 'syslog-address': text }).forward
  expect(address('udp://10.0.0.1:5514')).toMatchObject({ address: { transport: 'udp', server: '10.0.0.1:5514' } })
  expect(address('tcp://logs.example')).toMatchObject({ address: { transport: 'tcp', server: 'logs.example:514' } })
  expect(address('tcp://[::1]:80')).toMatchObject({ address: { transport: 'tcp', server: '[::1]:80' } })
  expect(address('unixgram:///run/log.sock')).toMatchObject({
    address: { transport: 'unix', paths: ['/run/log.sock'] },
  })
  expect(() => address('tcp+tls://logs.example')).toThrow(
    'log option "syslog-address" can\'t be "tcp+tls://logs.example"',
  )
  expect(log('syslog', { 'syslog-facility': 'local7', 'syslog-format': 'rfc5424micro' }).forward).toMatchObject({
    facility: 23,
    format: 'rfc5424micro',
  })
  expect(() => log('syslog', { 'syslog-facility': 'nobody' })).toThrow('can\'t be "nobody"')
  expect(() => log('syslog', { 'syslog-format': 'rfc1' })).toThrow('can\'t be "rfc1"')
  expect(() => log('syslog', { tag: '{{.Nothing}}' })).toThrow('log option "tag"')
  expect(() => log('constructor')).toThrow('"logging: driver: constructor" is not supported')
  expect(() => log('syslog', { 'syslog-format': 'constructor' })).toThrow('can\'t be "constructor"')
  expect(() => log('syslog', { tag: '{{.constructor}}' })).toThrow('log option "tag"')
  expect(() => log('fluentd')).toThrow('"logging: driver: fluentd" is not supported')
})

test('exposed ports are each told once, ranges port by port', () => {
  const port = { hostIp: '', published: { start: 80, end: 80 }, target: 80, protocol: 'tcp' } as const
  expect(exposedPorts(containerSpec({ expose: ['80', '9000-9001/udp'], ports: [port] }), {})).toEqual([
    '80/tcp',
    '9000/udp',
    '9001/udp',
  ])
})

test("what the native driver can't do is refused by the name of the attribute", () => {
  expect(() => refuseUnsupported(containerSpec({ userns: 'keep-id' }))).toThrow(
    '"userns_mode: keep-id" is not supported by the native driver yet',
  )
})
