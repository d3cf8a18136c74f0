/**
 * The only door to the native part: the addon (kernel calls) and the monitor (one process for each container).
 * It finds and loads; it decides nothing. Nothing is loaded before somebody asks.
 */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Digests } from '../digests.ts'
import { DriverError } from '../driver/driver.ts'
import { driverErrorOf } from './native-error.ts'

export type LockMode = 'exclusive' | 'shared'

/** What native/addon exports. Failures arrive as `DriverError`. */
export interface NativeAddon extends Digests {
  /** The descriptor that holds the lock, or null when somebody else has it. Closing it gives the lock back. */
  readonly tryLockFile: (path: string, mode: LockMode) => number | null
  /** Waits for the lock without keeping Node alive. */
  readonly lockFile: (path: string, mode: LockMode, done: (error: Error | null, descriptor: number) => void) => void
  /**
   * Starts a program in a session of its own, and hands over what it writes to its standard output until it closes it. A connected one has a
   * socket as its last descriptor; the other end is returned. The waiting doesn't keep Node alive.
   */
  readonly launch: (request: LaunchRequest, done: (error: Error | null, answer: string) => void) => number | null
  /**
   * Sends a line to the socket at the path, and hands over the line that comes back: an empty one when the other side left without a word. Returns
   * a descriptor of the connection, to be closed by whoever asked. The waiting doesn't keep Node alive.
   */
  readonly ask: (path: string, question: string, done: (error: Error | null, answer: string) => void) => number
  /** Ends that connection for both sides. */
  readonly hangUp: (connection: number) => void
  /** Tells whether the process was still the one that started at `startTime`; nothing is sent otherwise. */
  readonly signalProcess: (pid: number, startTime: number, signal: number) => boolean
  /**
   * What tells the states of files and directories apart, for each path: `INODE SIZE MODIFIED CHANGED`, the times in nanoseconds since
   * 1970; empty where nothing is, `?` for what says nothing of the kind, such as a pipe.
   */
  readonly fileVersions: (paths: readonly string[]) => readonly string[]
  /** What is written to a terminal that is raw reaches it as it is, without a carriage return before each line feed. */
  readonly passOutputThrough: (terminal: number) => void
  /** What this kernel lacks; empty when it can run containers. */
  readonly hostSupport: () => readonly { readonly feature: string; readonly neededFor: string; readonly hint: string }[]
  /** Whether "/" is not the root of this process's mount namespace. Only root can ask. */
  readonly isChrooted: () => boolean
  /** Kills whatever is in the cgroup of a container whose monitor is lost, and takes the cgroup away; done when it is not there. */
  readonly killCgroup: (cgroupsPath: string) => Promise<void>
  /** What is used by the programs of a container; all 0 when its cgroup is not there. */
  readonly cgroupUsage: (cgroupsPath: string) => CgroupUsage
  /** The processes of a container, by pid. */
  readonly cgroupPids: (cgroupsPath: string) => readonly number[]
  /** Forgets the published ports that lead to an IPv4 address. */
  readonly forgetAddress: (address: string) => void
  /** Takes a `NetworkRecord` as JSON, and answers with warnings about what stands in the network's way. */
  readonly ensureNetwork: (record: string) => Promise<readonly string[]>
  /** Makes good what somebody has taken from networks in use, whose records are below the directory: a firewall that is reloaded flushes everybody's rules. */
  readonly repairNetworks: (networksDir: string) => void
  /** `192.168.1.0/24` of every address and route of this machine. */
  readonly hostSubnets: () => readonly string[]
  /** Takes an `UnpackRequest` with a `ticket` as JSON and answers with an `Unpacked` as JSON (image/unpack.ts). */
  readonly unpackArchive: (request: string) => Promise<string>
  readonly cancelUnpack: (ticket: number) => void
  /** The two descriptors of a new pipe, the end to read first. */
  readonly openPipe: () => readonly [read: number, write: number]
  /** Tells the file system that each subdirectory stands by itself (ext4's Orlov allocator), where it knows that word. */
  readonly spreadSubdirectories: (path: string) => void
  /** Removes a directory and all below it without following links; done when it is gone already. */
  readonly removeTree: (path: string) => Promise<void>
}

export interface LaunchRequest {
  /** A path. */
  readonly program: string
  readonly arguments: readonly string[]
  /** `NAME=value` each. */
  readonly environment: readonly string[]
  /** The file that its standard error is added to. */
  readonly log: string
  /** Descriptors of ours, open until it has answered: its fourth and those after it. */
  readonly kept: readonly number[]
  readonly connected: boolean
}

export interface CgroupUsage {
  readonly cpuUs: number
  readonly memoryBytes: number
  readonly memoryLimitBytes?: number
  readonly readBytes: number
  readonly writtenBytes: number
  readonly tasks: number
}

export interface Native {
  readonly addon: NativeAddon
  /** The absolute path of tscompose-monitor. */
  readonly monitorPath: string
  /** The absolute path of tscompose-files. */
  readonly filesPath: string
}

const ADDON_FILE = 'tscompose.node'
const MONITOR_FILE = 'tscompose-monitor'
const FILES_FILE = 'tscompose-files'

/** Loads the native part; `native-missing` tells what is not there and how to get it. */
export function loadNative(env: NodeJS.ProcessEnv): Native {
  const folder = findFolder(env)
  const addonPath = join(folder, ADDON_FILE)
  try {
    const module = { exports: {} as NativeAddon }
    process.dlopen(module, addonPath)
    const addon = guarded(module.exports)
    return { addon, monitorPath: join(folder, MONITOR_FILE), filesPath: join(folder, FILES_FILE) }
  } catch (cause) {
    throw new DriverError(
      'native-missing',
      `the native part "${addonPath}" can't be loaded: ${(cause as Error).message}`,
      {
        hint: BUILD_HINT,
        cause,
      },
    )
  }
}

const BUILD_HINT = 'build it with "npm run build:native" (needs cargo), or reinstall tscompose for this platform'

function findFolder(env: NodeJS.ProcessEnv): string {
  const platform = platformName()
  for (const folder of candidates(env, platform)) {
    if ([ADDON_FILE, MONITOR_FILE, FILES_FILE].every((file) => existsSync(join(folder, file)))) return folder
  }
  const where = env.TSCOMPOSE_NATIVE_PATH ? `in "${env.TSCOMPOSE_NATIVE_PATH}"` : `for "${platform}"`
  throw new DriverError(
    'native-missing',
    `the native part (${ADDON_FILE}, ${MONITOR_FILE} and ${FILES_FILE}) is missing ${where}`,
    {
      hint: BUILD_HINT,
    },
  )
}

/** An explicit choice stands alone: what it lacks is not taken from somewhere else. Node's search for a package takes a millisecond, and comes last. */
function* candidates(env: NodeJS.ProcessEnv, platform: string): Generator<string> {
  const chosen = env.TSCOMPOSE_NATIVE_PATH
  if (chosen) return yield chosen
  yield join(packageRoot(), 'native', 'prebuilt', platform)
  const packaged = platformPackage(platform)
  if (packaged !== undefined) yield packaged
}

function platformPackage(platform: string): string | undefined {
  try {
    return dirname(createRequire(import.meta.filename).resolve(`@tscompose/native-${platform}/package.json`))
  } catch {
    return undefined
  }
}

/** From src/ as well as from the bundle in dist/: the nearest folder above that has a package.json. */
function packageRoot(): string {
  let folder = import.meta.dirname
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder)
  return folder
}

/** `linux-x64-gnu`: Node's words for platform and architecture, and the C library this process runs on. */
function platformName(): string {
  const platform = `${process.platform}-${process.arch}`
  return process.platform === 'linux' ? `${platform}-${runsOnMusl() ? 'musl' : 'gnu'}` : platform
}

/** Where musl's loader is not in its place, nothing runs on musl; where it is, this process may not. */
function runsOnMusl(): boolean {
  const loader = `/lib/ld-musl-${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}.so.1`
  return existsSync(loader) && readFileSync('/proc/self/maps', 'latin1').includes('/ld-musl-')
}

/** The same functions, failing with `DriverError`, whether at once or later. */
function guarded(addon: NativeAddon): NativeAddon {
  const guard =
    (call: (...values: unknown[]) => unknown) =>
    (...values: unknown[]): unknown => {
      try {
        const answer = call(...values)
        return answer instanceof Promise
          ? answer.catch((error: unknown) => Promise.reject(driverErrorOf(error)))
          : answer
      } catch (error) {
        throw driverErrorOf(error)
      }
    }
  return Object.fromEntries(
    Object.entries(addon).map(([name, call]) => [name, guard(call as never)]),
  ) as unknown as NativeAddon
}
