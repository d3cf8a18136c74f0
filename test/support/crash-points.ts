/**
 * Kills a command of the built CLI at a chosen system call: `strace` counts the calls of each kind in each of its threads, and
 * sends SIGKILL with the n-th. What the command starts (a monitor) is let go as soon as it executes its own program.
 */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Outcome, programOfNode, stateEnvironment } from '../e2e/support/cli.ts'
import { atThisPace } from './pace.ts'

export interface CrashPoint {
  readonly call: string
  /** Of the calls of that name in one thread. */
  readonly number: number
}

/** Calls by which a command changes the machine, its files, or other processes. */
const CALLS = [
  'mkdir,rmdir,rename,unlink,unlinkat,openat,write,pwrite64,ftruncate,fchmod,chmod,chown,fchown,link,symlink',
  'flock,fsync,fdatasync,clone,clone3,vfork,socket,connect,sendto,sendmsg,bind,mount,umount2,kill,pidfd_send_signal',
]
  .join(',')
  .split(',')

/** Files that Node and the program itself are loaded from change nothing. */
const START_UP = new Set(['openat'])

/** Every point at which this command could be killed, as an undisturbed run shows them. */
export async function crashPointsOf(args: readonly string[], cwd: string): Promise<readonly CrashPoint[]> {
  const directory = mkdtempSync(join(tmpdir(), 'tscompose-calls-'))
  const log = join(directory, 'log')
  try {
    await trace(['-o', log, '-e', `trace=${CALLS.join(',')}`], args, cwd)
    return pointsIn(readFileSync(log, 'utf8'))
  } finally {
    rmSync(directory, { recursive: true })
  }
}

/** Runs the command up to that point. Tells whether it got there; threads share the work differently each time. */
export async function killAt({ call, number }: CrashPoint, args: readonly string[], cwd: string): Promise<boolean> {
  const inject = ['-o', '/dev/null', '-e', `trace=${call}`, '-e', `inject=${call}:signal=SIGKILL:when=${number}`]
  return (await trace(inject, args, cwd)) === 'killed'
}

/** Kills a process that runs already, when it gets there. Returns when that is arranged. */
export async function strikeAt(
  { call, number }: CrashPoint,
  pid: number,
): Promise<{ readonly ended: Promise<unknown> }> {
  const inject = ['-e', `trace=${call}`, '-e', `inject=${call}:signal=SIGKILL:when=${number}`]
  const child = spawn('strace', ['-o', '/dev/null', ...inject, '-p', String(pid)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const ended = once(child, 'close')
  await once(child.stderr, 'data')
  return { ended }
}

/** Lets that call fail instead, and all later ones of its name in its thread: a disk that is full, or broken, stays so. */
export async function failAt(
  { call, number }: CrashPoint,
  errno: 'EIO' | 'ENOSPC',
  args: readonly string[],
  cwd: string,
): Promise<Outcome> {
  const inject = ['-o', '/dev/null', '-e', `trace=${call}`, '-e', `inject=${call}:error=${errno}:when=${number}+`]
  return run(inject, args, cwd)
}

async function trace(options: readonly string[], args: readonly string[], cwd: string): Promise<'killed' | 'ended'> {
  const outcome = await run(options, args, cwd)
  if (outcome.signal === 'SIGKILL') return 'killed'
  if (outcome.code === 0) return 'ended'
  throw new Error(`tscompose ${args.join(' ')} exited with ${outcome.code}\n${outcome.stderr}`)
}

function run(options: readonly string[], args: readonly string[], cwd: string): Promise<Outcome> {
  const env = { ...process.env, ...stateEnvironment() }
  const words = ['-f', '-b', 'execve', '-e', 'signal=none', ...options, process.execPath, programOfNode, ...args]
  return new Promise((resolve) => {
    execFile('strace', words, { cwd, env, timeout: atThisPace(60_000) }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : null
      resolve({ code, signal: error?.signal ?? null, stdout, stderr })
    })
  })
}

/** `1234  mkdir("…", 0755) = 0`, or the first half of a call that was interrupted by another thread's. */
function pointsIn(log: string): readonly CrashPoint[] {
  const most = new Map<string, number>()
  const counts = new Map<string, number>()
  for (const line of log.split('\n')) {
    const [, thread, call] = /^(\d+) +(\w+)\(/.exec(line) ?? []
    if (thread === undefined || call === undefined) continue
    const count = (counts.get(`${thread} ${call}`) ?? 0) + 1
    counts.set(`${thread} ${call}`, count)
    most.set(call, Math.max(most.get(call) ?? 0, count))
  }
  return [...most]
    .filter(([call]) => !START_UP.has(call))
    .flatMap(([call, count]) => Array.from({ length: count }, (_, index) => ({ call, number: index + 1 })))
}
