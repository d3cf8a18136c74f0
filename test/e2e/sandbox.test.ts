// Every attribute that shapes a container, seen from inside of it.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { mustRun, type Outcome, stateEnvironment, tscompose, writeProject } from './support/cli.ts'
import { useFolder } from './support/folder.ts'
import { privileged, useImages } from './support/privileged.ts'

const mayRaise = (BigInt(`0x${/CapEff:\s*(\w+)/.exec(readFileSync('/proc/self/status', 'latin1'))?.[1]}`) >> 24n) & 1n

describe.runIf(privileged)('what shapes a container', () => {
  useImages('busybox')
  const here = useFolder({}, (here) => mustRun(['down', '-v', '-t', '1'], here))

  /** Each service runs busybox without a network, and ends at once when it is stopped, unless told otherwise. */
  function write(services: Readonly<Record<string, Readonly<Record<string, unknown>>>>): void {
    const common = { image: 'busybox', command: ['sleep', '1000'], network_mode: 'none', stop_grace_period: '0s' }
    const all = Object.entries(services).map(([name, service]) => [name, { ...common, ...service }])
    writeProject(here.cwd, { 'compose.yaml': JSON.stringify({ name: 'shape', services: Object.fromEntries(all) }) })
  }
  async function up(services: Parameters<typeof write>[0]): Promise<Outcome> {
    write(services)
    return mustRun(['up', '-d'], here)
  }
  async function refused(service: Readonly<Record<string, unknown>>): Promise<string> {
    write({ app: service })
    const { code, stderr } = await tscompose(['up', '-d'], here)
    expect(code).toBe(1)
    return stderr
  }
  const inside = async (service: string, line: string): Promise<string> =>
    (await tscompose(['exec', '-T', service, 'sh', '-c', line], here)).stdout.trim()
  const exitCode = async (service: string): Promise<number> => {
    const { stdout } = await mustRun(['ps', '-a', '--format', 'json', service], here)
    return (JSON.parse(stdout) as { readonly ExitCode: number }).ExitCode
  }

  test('init: orphans are reaped, which a program that is first itself does not do, and signals reach the program', async () => {
    // It waits for one child: one that ended every moment would itself be seen before it is waited for.
    const trap = ['sh', '-c', 'trap "exit 7" TERM; sleep 1000 & wait']
    await up({ app: { init: true, command: trap, stop_grace_period: '10s' }, plain: {} })
    const orphans =
      'for one in 1 2 3; do (sleep 0.1 &); done; sleep 0.6; grep -l "State:.Z" /proc/[0-9]*/status | wc -l'
    expect(await inside('app', orphans)).toBe('0')
    expect(await inside('plain', orphans)).toBe('3')
    await mustRun(['stop', 'app'], here)
    expect(await exitCode('app')).toBe(7)
  })

  test('stop_signal is what a container is stopped with', async () => {
    const command = ['sh', '-c', 'trap "exit 5" USR1; while :; do sleep 0.05; done']
    await up({ app: { stop_signal: 'SIGUSR1', stop_grace_period: '10s', command } })
    await mustRun(['stop'], here)
    expect(await exitCode('app')).toBe(5)
  })

  test('sysctls of its own namespaces are set, those of the machine refused by name', async () => {
    const sysctls = { 'net.core.somaxconn': 99, 'kernel.shmmax': 4096, 'kernel.domainname': 'inner.test' }
    await up({ app: { sysctls } })
    const files = '/proc/sys/net/core/somaxconn /proc/sys/kernel/shmmax /proc/sys/kernel/domainname'
    expect(await inside('app', `cat ${files}`)).toBe('99\n4096\ninner.test')
    await mustRun(['down'], here)
    expect(await refused({ sysctls: { 'vm.swappiness': 10 } })).toContain(
      'sysctl "vm.swappiness" would change the whole machine',
    )
  })

  test('devices may be used as far as their permissions go, and no others', async () => {
    await up({ app: { devices: ['/dev/zero:/dev/nought:r', '/dev/zero:/opt/dev/zero'] }, plain: {} })
    expect(await inside('app', 'head -c 2 /dev/nought | wc -c; head -c 2 /opt/dev/zero | wc -c')).toBe('2\n2')
    const foreign = 'mknod /dev/foreign c 10 237 && cat /dev/foreign 2>&1; rm -f /dev/foreign'
    expect(await inside('plain', foreign)).toContain('Operation not permitted')
  })

  test('a privileged container has all devices, and those it names once more by the other name', async () => {
    await up({ app: { privileged: true, devices: ['/dev/zero:/dev/nought'] } })
    expect(await inside('app', 'head -c 2 /dev/nought | wc -c; ls /dev/kmsg')).toBe('2\n/dev/kmsg')
    await mustRun(['down'], here)
    expect(await refused({ devices: [''] })).toContain('device "" does not exist')
  })

  test('a directory among the devices stands for all in it', async () => {
    await up({ app: { devices: ['/dev/net:/dev/wires'] } })
    expect(await inside('app', 'ls /dev/wires; stat -c %F /dev/wires/tun')).toBe('tun\ncharacter special file')
  })

  test('device_cgroup_rules open devices that are made later', async () => {
    await up({ app: { device_cgroup_rules: ['c 10:200 r'] } })
    const read = 'mknod /dev/t c 10 200; head -c 1 /dev/t 2>&1; (echo > /dev/t) 2>&1'
    const said = await inside('app', read)
    expect(said.split('\n')[0]).not.toContain('not permitted')
    expect(said).toMatch(/can't create \/dev\/t: Operation not permitted/)
    await mustRun(['down'], here)
    expect(await refused({ device_cgroup_rules: ['c 1:3'] })).toMatch(/c 1:3/)
  })

  test('ulimits, shm_size and tmpfs options are in force', async () => {
    const ulimits = { nofile: { soft: 100, hard: 200 }, core: 0, msgqueue: 4096 }
    await up({
      app: { ulimits, shm_size: '8m', tmpfs: ['/scratch:size=2m,mode=1750,uid=33,exec', '/plain'] },
    })
    expect(await inside('app', 'ulimit -Sn; ulimit -Hn; ulimit -c')).toBe('100\n200\n0')
    expect(await inside('app', 'grep "Max msgqueue" /proc/1/limits | tr -s " " | cut -d" " -f4,5')).toBe('4096 4096')
    const sizes = 'for one in /dev/shm /scratch; do df -k $one | tail -1 | tr -s " " | cut -d" " -f2; done'
    expect(await inside('app', sizes)).toBe('8192\n2048')
    expect(await inside('app', 'stat -c "%a %u" /scratch')).toBe('1750 33')
    const options = 'grep -E " /(scratch|plain) " /proc/mounts | cut -d" " -f4 | tr , "\\n" | grep -c noexec'
    expect(await inside('app', options)).toBe('1')
  })

  test('oom_score_adj is set, and one that is not allowed is refused by name', async () => {
    await up({ app: { oom_score_adj: 500 } })
    expect(await inside('app', 'cat /proc/1/oom_score_adj')).toBe('500')
    await mustRun(['down'], here)
    if (mayRaise === 1n) return
    expect(await refused({ oom_score_adj: -999 })).toContain('needs CAP_SYS_RESOURCE')
  })

  test("ipc: a service joins another's shared memory where that is shareable, and only there", async () => {
    const same = 'readlink /proc/self/ns/ipc; cat /dev/shm/note'
    await up({
      db: { ipc: 'shareable', shm_size: '3m' },
      app: { ipc: 'service:db', depends_on: ['db'] },
      host: { ipc: 'host' },
    })
    await inside('db', 'echo shared > /dev/shm/note')
    expect(await inside('app', same)).toBe(await inside('db', same))
    expect(await inside('app', 'cat /dev/shm/note; grep -c " /dev/shm tmpfs .*noexec" /proc/mounts')).toBe('shared\n1')
    expect(await inside('host', 'readlink /proc/self/ns/ipc')).toBe(readlinkSync('/proc/self/ns/ipc'))
    await mustRun(['restart', '-t', '0', 'db'], here)
    await mustRun(['down'], here)
    write({ db: {}, app: { ipc: 'service:db', depends_on: ['db'] } })
    const { code, stderr } = await tscompose(['up', '-d'], here)
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('the IPC of container "shape-db-1" is not to be shared'),
    ])
  })

  test('ipc: none leaves the container without shared memory', async () => {
    await up({ app: { ipc: 'none' } })
    expect(await inside('app', 'test -e /dev/shm || echo none; readlink /proc/self/ns/ipc')).not.toContain(
      readlinkSync('/proc/self/ns/ipc'),
    )
    expect(await inside('app', 'test -e /dev/shm || echo none')).toBe('none')
  })

  test('entrypoint and command in all forms', async () => {
    const ran = (service: Readonly<Record<string, unknown>>) => {
      write({ app: service })
      return tscompose(['up', '--no-log-prefix'], here).then(({ stdout }) => stdout.split('\n')[1])
    }
    const words = ['echo', 'a  b', 'c']
    expect(await ran({ command: 'echo "a  b" c' })).toBe('a  b c')
    expect(await ran({ command: words })).toBe('a  b c')
    expect(await ran({ entrypoint: 'echo "a  b"', command: 'c' })).toBe('a  b c')
    expect(await ran({ entrypoint: words, command: null })).toBe('a  b c')
    for (const entrypoint of [[], '', [''], null]) expect(await ran({ entrypoint, command: words })).toBe('a  b c')
  })

  test('environment, standard input and terminal', async () => {
    const environment = ['A=b=c', 'EMPTY=', 'UNSET_ANYWHERE', 'SPACE=a b']
    await up({ app: { environment, stdin_open: true }, plain: {}, screen: { tty: true } })
    const variables = 'tr "\\0" "\\n" < /proc/1/environ | grep -E "^(A|EMPTY|UNSET|SPACE|TERM)"'
    expect(await inside('app', variables)).toBe('A=b=c\nEMPTY=\nSPACE=a b')
    expect(await inside('screen', variables)).toBe('TERM=xterm')
    const input = 'readlink /proc/1/fd/0'
    expect(await inside('app', input)).toMatch(/^pipe:/)
    expect(await inside('plain', input)).toBe('/dev/null')
    expect(await inside('screen', input)).toMatch(/^\/dev\/pts\/\d+$/)
  })

  test("pid: a service sees another's processes, or all of the machine", async () => {
    await up({
      db: { command: ['sleep', '1001'] },
      app: { pid: 'service:db', depends_on: ['db'] },
      all: { pid: 'host' },
    })
    expect(await inside('app', 'tr "\\0" " " < /proc/1/cmdline')).toBe('sleep 1001')
    expect(await inside('all', `tr "\\0" " " < /proc/${process.pid}/cmdline`)).toContain('node')
  })

  test("uts, userns_mode, hostname and domainname: names are the container's own unless it shares the machine's", async () => {
    await up({ app: { hostname: 'inner', domainname: 'example.test', userns_mode: 'host' }, host: { uts: 'host' } })
    expect(await inside('app', 'hostname; cat /proc/sys/kernel/domainname')).toBe('inner\nexample.test')
    expect(await inside('host', 'hostname')).toBe(hostname())
    expect(await inside('app', 'readlink /proc/self/ns/user')).toBe(readlinkSync('/proc/self/ns/user'))
    await mustRun(['down'], here)
    expect(await refused({ uts: 'host', hostname: 'other' })).toContain('has the name of the machine')
    expect(await refused({ userns_mode: 'keep-id' })).toContain('"userns_mode: keep-id" is not supported')
  })

  test('cgroup and cgroup_parent: where the groups are, and whether that can be seen', async () => {
    await up({ app: {}, host: { cgroup: 'host', cgroup_parent: '/tsc-e2e/inner' }, own: { cgroup: 'private' } })
    // Hierarchies that the machine has not mounted, but somebody else, are not looked at.
    const groups = 'grep -E ":(pids)?:" /proc/self/cgroup | cut -d: -f3 | sort -u'
    expect(await inside('app', groups)).toBe('/')
    expect(await inside('own', groups)).toBe('/')
    expect(await inside('host', groups)).toMatch(/^\/tsc-e2e\/inner\/[0-9a-f]{64}$/)
    await mustRun(['down'], here)
    const hierarchies = ['', ...readdirSync('/sys/fs/cgroup')].map((name) => join('/sys/fs/cgroup', name, 'tsc-e2e'))
    expect(hierarchies.filter((path) => readdirSafe(path))).toEqual([])
  })

  test('user and group_add: names and numbers in all forms', async () => {
    await up({
      name: { user: 'www-data', group_add: ['mail', '4321'] },
      both: { user: '33:mail' },
      number: { user: '1234', group_add: ['wheel'] },
    })
    expect(await inside('name', 'id -u; id -g; id -G')).toBe('33\n33\n33 8 4321')
    expect(await inside('both', 'id -u; id -g; id -G')).toBe('33\n8\n8')
    expect(await inside('number', 'id -u; id -g; id -G')).toBe('1234\n0\n0 10')
    await mustRun(['down'], here)
    expect(await refused({ user: 'nobody-here' })).toContain('/etc/passwd has no such user')
  })

  test('read_only leaves only what is mounted to be written', async () => {
    await up({ app: { read_only: true, tmpfs: ['/scratch'], working_dir: '/made/here' } })
    expect(await inside('app', 'pwd; touch /scratch/x && echo yes; touch /x 2>&1')).toBe(
      '/made/here\nyes\ntouch: /x: Read-only file system',
    )
  })

  test('labels and annotations are kept with the container', async () => {
    await up({ app: { labels: { 'my.label': 'kept' }, annotations: { 'my.note': 'kept too' } } })
    const { stdout } = await mustRun(['ps', '--format', 'json'], here)
    expect((JSON.parse(stdout) as { readonly Labels: string }).Labels).toContain('my.label=kept')
    const containers = join(stateEnvironment().TSCOMPOSE_DATA_DIR ?? '', 'containers')
    const ids = readdirSync(containers).filter((name) => /^[0-9a-f]{64}$/.test(name))
    const document = readFileSync(join(containers, ids[0] ?? '', 'spec.json'), 'utf8')
    expect((JSON.parse(document) as { readonly oci: { readonly annotations: unknown } }).oci.annotations).toEqual({
      'my.note': 'kept too',
    })
  })

  test('what this machine has not got is refused by name before a container is made', async () => {
    expect(await refused({ gpus: 'all' })).toContain('no device "gpu" can be reserved')
    const devices = [{ capabilities: ['tpu'], driver: 'acme' }]
    expect(await refused({ deploy: { resources: { reservations: { devices } } } })).toContain('no device "acme tpu"')
    expect(await refused({ storage_opt: { size: '1G' } })).toContain('"storage_opt: size" is not supported')
    expect(await refused({ devices: ['/dev/not-there'] })).toContain('"/dev/not-there" does not exist')
    expect((await mustRun(['ps', '-aq'], here)).stdout).toBe('')
  })

  test('a platform that the image is not of is told, and so is what means something on Windows only', async () => {
    const { stderr } = await up({ app: { platform: 'linux/s390x', isolation: 'hyperv', cpu_count: 1 } })
    expect(stderr).toMatch(/"platform" of service "app" has no effect/)
    expect(stderr).toMatch(/"isolation" of service "app" has no effect/)
    expect(stderr).toMatch(/"cpu_count" of service "app" has no effect/)
  })
})

function readdirSafe(path: string): boolean {
  try {
    return readdirSync(path).length >= 0
  } catch {
    return false
  }
}
