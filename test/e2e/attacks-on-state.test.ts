// What other users of the machine, and containers, can do with our own processes and files. Each way is tried once more with
// its guard taken away, where it must get through.
import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { makeProbe } from './support/attack-probe.ts'
import { eventually, mustRun, stateEnvironment, tscompose, writeProject } from './support/cli.ts'
import { privileged, useImages } from './support/privileged.ts'

const NOBODY = 65534
/** Where an image could have something that a careless command runs in the container. */
const TROJANS = ['/bin/busybox', '/bin/sh', '/bin/ps', '/usr/bin/nsenter', '/usr/bin/tar', '/usr/bin/xz', '/sbin/init']

/** Every verb that has to do with a container that is there; one that is not known does nothing either. */
const LOOKS = [
  ...[
    'ps -a',
    'ps --format json',
    'logs',
    'port app 80',
    'config',
    'events --help',
    'top',
    'stats --no-stream',
    'diff app',
  ],
  ...['cp app:/probe/probe ./copied', 'cp ./compose.yaml app:/tmp/copied', 'pause', 'unpause', 'restart -t 0', 'up -d'],
  ...['kill', 'start', 'stop -t 0'],
]

describe.runIf(privileged)('who means harm', () => {
  useImages('busybox')
  let cwd = ''
  let probe = ''
  const state = () => stateEnvironment() as { readonly TSCOMPOSE_DATA_DIR: string; readonly TSCOMPOSE_RUN_DIR: string }

  beforeEach(async () => {
    cwd = mkdtempSync(join(tmpdir(), 'tsc-e2e-'))
    chmodSync(cwd, 0o755)
    probe = await makeProbe(cwd)
    // The test's own directory around ours must not be what keeps anybody out.
    chmodSync(dirname(state().TSCOMPOSE_DATA_DIR), 0o755)
  })
  afterEach(async () => {
    await mustRun(['down', '-v', '-t', '0'], { cwd })
    rmSync(cwd, { recursive: true })
  })

  async function up(services: Readonly<Record<string, Readonly<Record<string, unknown>>>>): Promise<void> {
    const common = { image: 'busybox', command: ['sleep', '1000'], stop_grace_period: '0s' }
    const all = Object.entries(services).map(([name, service]) => [name, { ...common, ...service }])
    writeProject(cwd, { 'compose.yaml': JSON.stringify({ name: 'state', services: Object.fromEntries(all) }) })
    await mustRun(['up', '-d'], { cwd })
  }
  /** Each of these and the directories on the way to it, opened for everybody until `act` is done. */
  async function opened<T>(paths: readonly string[], act: () => Promise<T>): Promise<T> {
    const before = paths.map((path) => [path, statSync(path).mode] as const)
    for (const path of paths) chmodSync(path, 0o777)
    try {
      return await act()
    } finally {
      for (const [path, mode] of before) chmodSync(path, mode)
    }
  }

  test('another user finds no file of a container, to look into or to execute', async () => {
    await up({ app: {} })
    const { TSCOMPOSE_DATA_DIR: data, TSCOMPOSE_RUN_DIR: runDir } = state()
    const found = async () => asNobody('find', [data, runDir, '-type', 'f']).stdout.split('\n').filter(Boolean).length
    const layer = join(data, 'layers', readdirSync(join(data, 'layers'))[0] ?? '')
    expect(await opened([data, join(data, 'layers'), layer], found)).toBeGreaterThan(0)
    expect(await found()).toBe(0)
  })

  test('another user reaches no control socket, and is not answered where he does', async () => {
    await up({ app: {} })
    const runDir = state().TSCOMPOSE_RUN_DIR
    const directory = join(runDir, 'monitors')
    const socket = join(directory, readdirSync(directory).find((name) => name.endsWith('.sock')) ?? '')
    const connects = async () => asNobody(probe, ['socket-file', socket]).status === 0
    const answered = async () => asNobody(process.execPath, ['-e', ASK, socket]).stdout
    const wide = [runDir, directory, socket]
    expect(await opened(wide, connects)).toBe(true)
    expect(await connects()).toBe(false)
    expect(spawnSync(process.execPath, ['-e', ASK, socket], { encoding: 'utf8' }).stdout).toContain('"ok":true')
    expect(await opened(wide, answered)).toBe('')
  })

  test("a container with the machine's network finds no socket of ours", async () => {
    const host = { network_mode: 'host', volumes: ['./probe:/probe:ro'] }
    const runDir = state().TSCOMPOSE_RUN_DIR
    await up({ guarded: host, weakened: { ...host, volumes: [...host.volumes, `${runDir}:/run/stolen`] } })
    const [name] = readdirSync(join(runDir, 'monitors')).filter((one) => one.endsWith('.sock'))
    const connects = async (service: string, path: string) =>
      (await tscompose(['exec', '-T', service, '/probe/probe', 'socket-file', path], { cwd })).code === 0
    expect(await connects('weakened', `/run/stolen/monitors/${name}`)).toBe(true)
    expect(await connects('guarded', join(runDir, 'monitors', name ?? ''))).toBe(false)
    const listener = spawn(probe, ['listen', 'tscompose-monitor'])
    await new Promise((resolve) => listener.stdout.once('data', resolve))
    const abstract = async () => {
      const { stdout } = await mustRun(['exec', '-T', 'guarded', 'cat', '/proc/net/unix'], { cwd })
      return stdout.split('\n').filter((line) => /@.*(tscompose|monitor)/.test(line)).length
    }
    expect(await abstract()).toBe(1)
    listener.kill('SIGKILL')
    await eventually('the end of the listener', async () => (await abstract()) === 0 || undefined)
  })

  test('a monitor listens on the ports that are published and on nothing else', async () => {
    await up({ app: {} })
    expect(listening(monitors(state().TSCOMPOSE_DATA_DIR))).toEqual([])
    await up({ app: { ports: ['127.0.0.1:18091:80', '127.0.0.1:18092:80/udp'] } })
    expect(listening(monitors(state().TSCOMPOSE_DATA_DIR))).toEqual(['tcp 18091', 'udp 18092'])
  })

  test('rules that somebody has deleted are made again by the next command, even if it has nothing else to do', async () => {
    await up({ app: {} })
    const { TSCOMPOSE_DATA_DIR: data } = state()
    const [networkId = ''] = readdirSync(join(data, 'networks'))
    const record = readFileSync(join(data, 'networks', networkId, 'network.json'), 'utf8')
    const { bridge } = JSON.parse(record) as { readonly bridge: string }
    // Only this network's: others on this machine go on with theirs.
    const nft = (verb: string) =>
      spawnSync('nft', [verb, 'element', 'inet', 'tscompose', 'bridges', `{ "${bridge}" . "${bridge}" }`]).status
    expect([nft('delete'), nft('get')]).toEqual([0, 1])
    const { stderr } = await mustRun(['up', '-d'], { cwd })
    expect([stderr.includes('Start'), nft('get')]).toEqual([false, 0])
  })

  test('no program of the image is run by looking at its container, or by ending it', async () => {
    const trojans = TROJANS.map((path) => `./probe/probe:${path}:ro`)
    const volumes = ['./probe:/probe:ro', './out:/out', ...trojans]
    const command = ['/probe/probe', 'listen', 'tscompose-attacks']
    await up({
      app: { volumes, command, healthcheck: { test: ['CMD', '/probe/probe', 'socket', '1', '1'], interval: '1s' } },
    })
    const told = join(cwd, 'out', 'told')
    for (const line of LOOKS) await tscompose(line.split(' '), { cwd })
    expect(existsSync(told)).toBe(false)
    await mustRun(['start'], { cwd })
    await tscompose(['exec', '-T', 'app', 'sh', '-c', 'true'], { cwd })
    expect(await eventually('the trojan', async () => readFileSync(told, 'utf8'))).toContain('sh')
  })
})

const ASK = `const end = require('node:net').connect(process.argv[1], () => end.write('{"op":"state"}\\n'));
end.on('data', (text) => process.stdout.write(text)).on('error', () => {});
setTimeout(() => process.exit(0), 1000)`

function asNobody(program: string, args: readonly string[]) {
  return spawnSync(program, args, { uid: NOBODY, gid: NOBODY, encoding: 'utf8' })
}

/** Process numbers of those that live, from the state that they have written. */
function monitors(data: string): readonly number[] {
  const containers = join(data, 'containers')
  const files = readdirSync(containers).map((id) => join(containers, id, 'state.json'))
  const states = files.filter(existsSync).map((file) => JSON.parse(readFileSync(file, 'utf8')) as MonitorState)
  return states.flatMap(({ status, monitor }) => (status === 'running' && monitor ? [monitor.pid] : []))
}

interface MonitorState {
  readonly status: string
  readonly monitor?: { readonly pid: number }
}

/** The sockets of these processes that anybody can send to in the machine's network: `tcp PORT`, `udp PORT`. */
function listening(pids: readonly number[]): readonly string[] {
  const own = new Set(pids.flatMap((pid) => readdirSync(`/proc/${pid}/fd`).map((fd) => link(`/proc/${pid}/fd/${fd}`))))
  const rows = ['tcp', 'tcp6', 'udp', 'udp6'].flatMap((table) =>
    readFileSync(`/proc/net/${table}`, 'utf8')
      .split('\n')
      .map((line) => [table.slice(0, 3), ...line.trim().split(/\s+/)] as const),
  )
  // Fields of proc(5): the local address, the state (0A listens, 07 is any of UDP), the inode.
  const ours = rows.filter((row) => own.has(`socket:[${row[10]}]`) && (row[4] === '0A' || row[0] === 'udp'))
  return ours.map((row) => `${row[0]} ${Number.parseInt(row[2]?.split(':')[1] ?? '', 16)}`).sort()
}

function link(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}
