import { describe, expect, test } from 'vitest'
import { type ContainerSpec, LABEL } from '../../src/driver/driver.ts'
import type { Project } from '../../src/model/project.ts'
import { reviewService } from '../../src/planner/review.ts'
import { planFor } from '../support/bring-up.ts'
import { createFakeDriver } from '../support/fake-driver.ts'
import { loadText } from '../support/load-text.ts'

/** What the driver is asked to create for the service `web` of a file. */
async function specOf(text: string): Promise<ContainerSpec> {
  const plan = await planFor(loadText(text), createFakeDriver({ images: ['busybox'] }))
  const spec = plan.steps.flatMap((step) =>
    step.kind === 'create-container' && step.serviceName === 'web' ? [step.spec] : [],
  )[0]
  if (spec === undefined) throw new Error('no container for web')
  return spec
}

/** The service `web` with these lines in it. */
function web(lines: string, rest = ''): string {
  return `services:\n  web:\n    image: busybox\n${lines.replace(/^/gm, '    ')}\n${rest}`
}

describe('identity', () => {
  test('is told by the labels of Docker Compose, which the user cannot change', async () => {
    const { labels, containerName } = await specOf(
      web(
        'labels: {mine: "1", com.docker.compose.service: other}\ndepends_on: {db: {condition: service_healthy, restart: true}}',
        '  db: {image: busybox}',
      ),
    )
    expect(containerName).toBe('app-web-1')
    expect(labels).toMatchObject({
      mine: '1',
      [LABEL.project]: 'app',
      [LABEL.service]: 'web',
      [LABEL.containerNumber]: '1',
      [LABEL.oneoff]: 'False',
      [LABEL.dependsOn]: 'db:service_healthy:true',
      [LABEL.workingDir]: '/home/dev',
      [LABEL.configFiles]: '/home/dev/compose.yaml',
      [LABEL.image]: expect.stringMatching(/^sha256:/),
      [LABEL.configHash]: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    expect(labels).not.toHaveProperty(LABEL.environmentFile)
  })

  test('follows container_name where there is one', async () => {
    expect((await specOf(web('container_name: site'))).containerName).toBe('site')
  })
})

describe('networks', () => {
  test('come with the highest priority first, and with all names of the service', async () => {
    const spec = await specOf(
      web(
        'mac_address: 02:42:ac:11:00:03\nnetworks:\n  a: {}\n  b: {priority: 10, aliases: [www], ipv4_address: 10.5.0.3}',
        'networks: {a: {}, b: {name: wide, ipam: {config: [{subnet: 10.5.0.0/16}]}}}',
      ),
    )
    expect(spec.networkMode).toEqual({
      kind: 'networks',
      endpoints: [
        {
          networkName: 'wide',
          aliases: ['app-web-1', 'web', 'www'],
          ipv4Address: '10.5.0.3',
          macAddress: '02:42:ac:11:00:03',
        },
        { networkName: 'app_a', aliases: ['app-web-1', 'web'] },
      ],
    })
  })

  test('answer to the names that links give', async () => {
    const spec = await specOf(web('hostname: w', '  proxy: {image: busybox, links: ["web:backend"]}'))
    expect(spec.networkMode).toMatchObject({ endpoints: [{ aliases: ['app-web-1', 'web', 'backend'] }] })
  })

  test("are none, the host's, or those of another container", async () => {
    expect((await specOf(web('network_mode: none'))).networkMode).toEqual({ kind: 'none' })
    expect((await specOf(web('network_mode: host'))).networkMode).toEqual({ kind: 'host' })
    expect((await specOf(web('network_mode: "service:db"', '  db: {image: busybox}'))).networkMode).toEqual({
      kind: 'container',
      containerId: 'app-db-1',
    })
  })

  test('publish ports as ranges of host ports', async () => {
    const spec = await specOf(
      web('ports: ["8080:80", "127.0.0.1:53:53/udp", "9000", {target: 90, published: "9000-9010"}]'),
    )
    expect(spec.ports).toEqual([
      { hostIp: '', published: { start: 8080, end: 8080 }, target: 80, protocol: 'tcp' },
      { hostIp: '127.0.0.1', published: { start: 53, end: 53 }, target: 53, protocol: 'udp' },
      { hostIp: '', published: { start: 0, end: 0 }, target: 9000, protocol: 'tcp' },
      { hostIp: '', published: { start: 9000, end: 9010 }, target: 90, protocol: 'tcp' },
    ])
  })
})

describe('mounts', () => {
  test('are binds, volumes and memory, parents before what is inside them', async () => {
    const spec = await specOf(
      web(
        'tmpfs: ["/run:size=64m,mode=1777"]\nvolumes:\n  - data:/srv/data/inner\n  - ./src:/srv:ro\n  - /anonymous\n  - {type: tmpfs, target: /cache, tmpfs: {size: 1m}}',
        'volumes: {data: {}}',
      ),
    )
    expect(spec.mounts).toEqual([
      { kind: 'bind', source: '/home/dev/src', target: '/srv', readOnly: true, createHostPath: true },
      { kind: 'anonymous-volume', target: '/anonymous', readOnly: false },
      { kind: 'tmpfs', target: '/cache', sizeBytes: 1048576 },
      { kind: 'tmpfs', target: '/run', options: ['size=64m', 'mode=1777'] },
      { kind: 'volume', volumeName: 'app_data', target: '/srv/data/inner', readOnly: false, noCopy: false },
    ])
  })

  test('hold configs and secrets: files as they are, content with its mode', async () => {
    const spec = await specOf(
      web(
        'configs: [plain, {source: inline, target: /etc/inline, mode: 0440, uid: "5"}]\nsecrets: [token, {source: token, target: other}]',
        'configs: {plain: {file: ./plain.txt}, inline: {content: hello}}\nsecrets: {token: {file: /run/token}}',
      ),
    )
    expect(spec.mounts).toEqual([
      { kind: 'bind', source: '/home/dev/plain.txt', target: '/plain', readOnly: true, createHostPath: false },
      { kind: 'content', content: 'hello', target: '/etc/inline', mode: 0o440, uid: 5 },
      { kind: 'bind', source: '/run/token', target: '/run/secrets/token', readOnly: true, createHostPath: false },
      { kind: 'bind', source: '/run/token', target: '/run/secrets/other', readOnly: true, createHostPath: false },
    ])
  })

  test('are borrowed with volumes_from', async () => {
    const spec = await specOf(
      web(
        'volumes_from: ["db:ro"]',
        '  db: {image: busybox, volumes: ["data:/data", {type: volume, source: data, target: /p, volume: {subpath: part}}, "/srv:/srv"]}\nvolumes: {data: {}}',
      ),
    )
    expect(spec.mounts).toEqual([
      { kind: 'volume', volumeName: 'app_data', target: '/data', readOnly: true, noCopy: false },
      { kind: 'volume', volumeName: 'app_data', target: '/p', readOnly: true, noCopy: false, subpath: 'part' },
      { kind: 'bind', source: '/srv', target: '/srv', readOnly: true, createHostPath: true },
    ])
  })
})

describe('limits', () => {
  test('are numbers', async () => {
    const lines =
      'mem_limit: 64m\ncpus: 0.5\npids_limit: 50\nmem_reservation: 8m\nulimits: {nofile: 1024, nproc: {soft: 1, hard: 2}}'
    const spec = await specOf(web(lines))
    expect(spec.resources).toEqual({
      nanoCpus: 5e8,
      memoryBytes: 67108864,
      memoryReservationBytes: 8388608,
      pidsLimit: 50,
    })
    expect(spec.ulimits).toEqual({ nofile: { soft: 1024, hard: 1024 }, nproc: { soft: 1, hard: 2 } })
  })

  test('of disks, real time and devices are passed on as they are', async () => {
    const spec = await specOf(
      web(
        `blkio_config: {weight: 300, weight_device: [{path: /dev/sda, weight: 400}], device_read_bps: [{path: /dev/sda, rate: 12mb}], device_write_iops: [{path: /dev/sda, rate: 120}]}\ncpu_rt_runtime: 950\ncpu_rt_period: 1100\nmem_swappiness: 40\noom_kill_disable: true\ndevice_cgroup_rules: ["c 1:3 mr"]\ncgroup: host\nuserns_mode: host\nstorage_opt: {size: 1G}\ngpus: all\ndeploy: {resources: {reservations: {devices: [{capabilities: [tpu], device_ids: ["0"]}]}}}`,
      ),
    )
    expect(spec.resources).toEqual({
      cpuRealtimeRuntimeUs: 950,
      cpuRealtimePeriodUs: 1100,
      memorySwappiness: 40,
      oomKillDisable: true,
      blockIo: {
        weight: 300,
        deviceWeights: [{ path: '/dev/sda', weight: 400 }],
        readBps: [{ path: '/dev/sda', rate: 12582912 }],
        writeBps: [],
        readIops: [],
        writeIops: [{ path: '/dev/sda', rate: 120 }],
      },
    })
    expect(spec).toMatchObject({
      deviceCgroupRules: ['c 1:3 mr'],
      cgroupns: 'host',
      userns: 'host',
      storageOpt: { size: '1G' },
    })
    expect(spec.deviceRequests).toEqual([
      { driver: '', deviceIds: ['0'], capabilities: ['tpu'], options: {} },
      { driver: '', count: -1, deviceIds: [], capabilities: ['gpu'], options: {} },
    ])
  })

  test('are read from deploy as well', async () => {
    const spec = await specOf(
      web('deploy: {resources: {limits: {memory: 32m, cpus: "0.25", pids: 9}, reservations: {memory: 8m}}}'),
    )
    expect(spec.resources).toEqual({
      nanoCpus: 2.5e8,
      memoryBytes: 33554432,
      memoryReservationBytes: 8388608,
      pidsLimit: 9,
    })
  })

  test.each([
    ['restart: always', { kind: 'always', maxRetries: 0 }],
    ['restart: "on-failure:3"', { kind: 'on-failure', maxRetries: 3 }],
    ['restart: unless-stopped', { kind: 'unless-stopped', maxRetries: 0 }],
    ['hostname: x', { kind: 'no', maxRetries: 0 }],
    ['deploy: {restart_policy: {condition: on-failure, max_attempts: 2}}', { kind: 'on-failure', maxRetries: 2 }],
  ])('%s', async (line, restart) => {
    expect((await specOf(web(line))).restart).toEqual(restart)
  })

  test('of a healthcheck are milliseconds; disabling it is a test of its own', async () => {
    const spec = await specOf(
      web(
        'healthcheck: {test: "curl -f localhost", interval: 1m30s, timeout: 10s, retries: 3, start_period: 500ms}\nstop_grace_period: 2s',
      ),
    )
    expect(spec.healthcheck).toEqual({
      test: ['CMD-SHELL', 'curl -f localhost'],
      intervalMs: 90_000,
      timeoutMs: 10_000,
      retries: 3,
      startPeriodMs: 500,
    })
    expect(spec.stopGraceMs).toBe(2000)
    expect((await specOf(web('healthcheck: {disable: true}'))).healthcheck).toEqual({ test: ['NONE'] })
  })
})

test("a process is what the user wrote, and what he left out is the image's", async () => {
  const spec = await specOf(
    web(
      'entrypoint: ["/bin/sh", "-c"]\ncommand: []\nuser: www-data\nenvironment: {A: "1", B: }\nextra_hosts: ["x:10.0.0.1"]\ndevices: ["/dev/null:/dev/nothing:r"]',
    ),
  )
  expect(spec).toMatchObject({
    entrypoint: ['/bin/sh', '-c'],
    command: [],
    user: 'www-data',
    environment: ['A=1'],
    extraHosts: [{ host: 'x', ip: '10.0.0.1' }],
    devices: [{ source: '/dev/null', target: '/dev/nothing', permissions: 'r' }],
  })
  expect(spec).not.toHaveProperty('workingDir')
})

test('a profile of system calls is a file of the project, and the other options of security stay as they are', async () => {
  const inline = 'seccomp={"defaultAction":"SCMP_ACT_LOG"}'
  const kept = ['no-new-privileges:true', 'seccomp=unconfined', 'seccomp:unconfined', 'seccomp=builtin', inline]
  const options = [...kept, 'seccomp=sub/../p.json', 'seccomp:./p.json', 'seccomp=/etc/p.json']
  expect((await specOf(web(`security_opt: ${JSON.stringify(options)}`))).securityOpt).toEqual([
    ...kept,
    'seccomp=/home/dev/p.json',
    'seccomp=/home/dev/p.json',
    'seccomp=/etc/p.json',
  ])
})

describe('a review', () => {
  const reviewedWords = (lines: string): readonly string[] => {
    const project = loadText(web(lines))
    return reviewService(project, 'web', project.services.web ?? {}).map(({ message }) => message)
  }
  test.each([
    ['restart: bogus', '"bogus" is not a restart policy'],
    ['restart: "always:3"', '"always:3" is not a restart policy'],
    ['restart: "on-failure:x"', '"on-failure:x" is not a restart policy'],
    ['restart: "on-failure:-1"', '"on-failure:-1" is not a restart policy'],
    ['deploy: {restart_policy: {condition: sometimes}}', '"sometimes" is not a restart policy'],
    ['ipc: public', '"ipc: public" is not known'],
    ['pid: private', '"pid: private" is not known'],
    ['pid: "container:"', '"pid: container:" is not known'],
    ['uts: private', '"uts: private" is not known'],
    ['stop_grace_period: -1s', '"stop_grace_period" can\'t be -1s'],
  ])('refuses %s, which would be taken for the default', (lines, message) =>
    expect(reviewedWords(lines)).toEqual([message]),
  )
  test.each([
    ...['no', 'always', 'unless-stopped', 'on-failure', 'on-failure:3', ''].map((policy) => `restart: "${policy}"`),
    ...['none', 'private', 'shareable', 'host', 'container:x'].map((mode) => `ipc: "${mode}"`),
    ...['pid: host', 'pid: "container:x"', 'uts: host', 'stop_grace_period: 0s'],
    'deploy: {restart_policy: {condition: unless-stopped}}',
  ])('accepts %s', (lines) => expect(reviewedWords(lines)).toEqual([]))

  const reviewed = (project: Project): readonly string[] =>
    Object.entries(project.services).flatMap(([name, service]) =>
      reviewService(project, name, service).map(({ severity, message, at }) => `${at?.line}: ${severity}: ${message}`),
    )

  test('refuses what a container can not do without', () => {
    const text = web('secrets: [key]\nports: ["80:80/sctp"]', 'secrets: {key: {external: true}}')
    expect(reviewed(loadText(text))).toEqual([
      '5: error: port "80" is of protocol "sctp", which is not supported yet',
      '4: error: unsupported external secret "key"',
    ])
  })
})
