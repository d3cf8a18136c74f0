/**
 * What a command could leave behind on the machine: a snapshot before, one after, and the two must be equal.
 * It only looks, and it knows nothing of the code under test.
 */
import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { isDeepStrictEqual, promisify } from 'node:util'
import { expect } from 'vitest'

export interface Snapshot {
  /** Monitors and whatever lives in a cgroup of ours. */
  readonly processes: readonly string[]
  readonly mounts: readonly string[]
  readonly networkNamespaces: readonly string[]
  readonly links: readonly string[]
  readonly rules: readonly string[]
  /** Below `tscompose` of each hierarchy; that one directory may stay. */
  readonly cgroups: readonly string[]
  /** The machine's own, which everybody uses: kind, mode and owner. */
  readonly devices: readonly string[]
}

/** Of a machine that has come to rest. */
export async function takeSnapshot(): Promise<Snapshot> {
  let last = await look()
  for (let round = 0; round < 50; round += 1) {
    await delay(30)
    await untilDeadNamespacesAreGone()
    const next = await look()
    if (isDeepStrictEqual(last, next)) return next
    last = next
  }
  return last
}

/** Fails by naming each thing that came or went since `before`. */
export async function expectNothingLeft(before: Snapshot, where = 'afterwards'): Promise<void> {
  const after = await takeSnapshot()
  const kinds = Object.keys(before) as (keyof Snapshot)[]
  const came = kinds.flatMap((kind) => added(before, after, kind).map((what) => `new: ${what}`))
  const went = kinds.flatMap((kind) => added(after, before, kind).map((what) => `gone: ${what}`))
  const changes = [...came, ...went].join('; ')
  expect(changes, `${where}, ${changes}`).toBe('')
}

/** One more of what was there already counts too: mounts lie upon each other. */
function added(before: Snapshot, after: Snapshot, kind: keyof Snapshot): string[] {
  const known = [...before[kind]]
  const fresh = after[kind].filter((what) => {
    const at = known.indexOf(what)
    if (at >= 0) known.splice(at, 1)
    return at < 0
  })
  return fresh.map((what) => `${kind}: ${what}`)
}

/**
 * The kernel takes dead network namespaces apart some time after their last process, in the order of their deaths (`cleanup_net`), and our ends of
 * their veth pairs stay until then: once a namespace that died just now is gone, so are all before it.
 */
async function untilDeadNamespacesAreGone(): Promise<void> {
  const end = `tsdead${process.pid}`
  const veth = ['ip', 'link', 'add', 'type', 'veth', 'peer', 'name', end, 'netns', `${process.pid}`]
  await promisify(execFile)('unshare', ['--net', ...veth])
  while (existsSync(`/sys/class/net/${end}`)) await delay(5)
}

async function look(): Promise<Snapshot> {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return {
    processes: pids.filter(isOurs).map(describeProcess).sort(),
    mounts: lines(read('/proc/self/mountinfo')).map(mountPoint).sort(),
    networkNamespaces: [...new Set([...pids.flatMap(networkNamespace), ...list('/run/netns')])].sort(),
    links: list('/sys/class/net'),
    rules: await nftRules(),
    cgroups: cgroupDirectories(),
    devices: ['null', 'zero', 'full', 'random', 'urandom', 'tty', 'ptmx'].map(describeDevice),
  }
}

/** A zombie is dead: how soon it is buried is up to the machine's first process. */
function isOurs(pid: string): boolean {
  if (/\) [ZX] /.test(read(`/proc/${pid}/stat`))) return false
  return commandLine(pid)[0]?.endsWith('/tscompose-monitor') || read(`/proc/${pid}/cgroup`).includes(':/tscompose/')
}

function describeProcess(pid: string): string {
  return `${pid} ${commandLine(pid).join(' ')}`
}

function describeDevice(name: string): string {
  const { mode, uid, gid, rdev } = statSync(`/dev/${name}`)
  return `${name} ${mode.toString(8)} ${uid}:${gid} ${rdev}`
}

function commandLine(pid: string): string[] {
  return read(`/proc/${pid}/cmdline`).split('\0').filter(Boolean)
}

/** Ids of mounts are left out: they say nothing. */
function mountPoint(line: string): string {
  const [, , , root, point, , ...rest] = line.split(' ')
  return `${point} ${root} ${rest.slice(rest.indexOf('-') + 1).join(' ')}`
}

/** A process that just ended has none. */
function networkNamespace(pid: string): string[] {
  try {
    return [readlinkSync(`/proc/${pid}/ns/net`)]
  } catch {
    return []
  }
}

async function nftRules(): Promise<string[]> {
  try {
    const { stdout } = await promisify(execFile)('nft', ['list', 'ruleset'])
    return lines(stdout.replaceAll(/counter packets \d+ bytes \d+/g, 'counter'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ['nft is not installed: rules were not compared']
    throw error
  }
}

function cgroupDirectories(): string[] {
  const hierarchies = ['/sys/fs/cgroup', ...list('/sys/fs/cgroup').map((name) => join('/sys/fs/cgroup', name))]
  const roots = hierarchies.map((hierarchy) => join(hierarchy, 'tscompose')).filter((root) => existsSync(root))
  return roots.flatMap((root) => directoriesBelow(root)).sort()
}

function directoriesBelow(folder: string): string[] {
  const below = list(folder, 'directories').map((name) => join(folder, name))
  return [...below, ...below.flatMap(directoriesBelow)]
}

function list(folder: string, kind: 'all' | 'directories' = 'all'): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true })
    return entries
      .filter((entry) => kind === 'all' || entry.isDirectory())
      .map((entry) => entry.name)
      .sort()
  } catch {
    return []
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function lines(text: string): string[] {
  return text.split('\n').filter(Boolean)
}
