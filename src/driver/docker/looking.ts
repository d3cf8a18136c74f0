/** What a container of a daemon does and uses, what it has changed, and images made of it. */
import type { Readable } from 'node:stream'
import type { CommitOptions, Driver, FileChange, ObservedProcess, ResourceUsage } from '../driver.ts'
import { inspect } from './containers.ts'
import type { Engine } from './engine.ts'

type LookingMethods = Pick<
  Driver,
  'listProcesses' | 'readUsage' | 'listChanges' | 'exportContainer' | 'commitContainer'
>

export function lookingMethods(engine: Engine): LookingMethods {
  return {
    listProcesses: (id, signal) => listProcesses(engine, id, signal),
    readUsage: (id, signal) => readUsage(engine, id, signal),
    listChanges: (id, signal) => listChanges(engine, id, signal),
    exportContainer: async (id, write, signal) => {
      const stream: Readable = await engine.stream({ path: `/containers/${id}/export`, signal })
      for await (const data of stream) write(data as Uint8Array)
    },
    commitContainer: (id, options, signal) => commit(engine, id, options, signal),
  }
}

const COLUMNS = 'pid,ppid,user:64,tty,etimes,cputimes,args'

async function listProcesses(engine: Engine, id: string, signal: AbortSignal): Promise<readonly ObservedProcess[]> {
  const { status } = await inspect(engine, id, signal)
  if (status !== 'running' && status !== 'paused') return []
  const { Processes: rows } = await engine.json<{ readonly Processes: readonly (readonly string[])[] | null }>({
    path: `/containers/${id}/top`,
    query: { ps_args: `-eo ${COLUMNS}` },
    signal,
  })
  const nowMs = Date.now()
  const processes = (rows ?? []).map(([pid, parentPid, user = '', terminal = '', seconds, cpuSeconds, ...words]) => ({
    pid: Number(pid),
    parentPid: Number(parentPid),
    user,
    terminal: terminal === '?' ? '' : terminal,
    startedAtMs: nowMs - Number(seconds) * 1000,
    cpuMs: Number(cpuSeconds) * 1000,
    command: words.join(' '),
  }))
  return processes.sort((a, b) => a.pid - b.pid)
}

/** The parts of a daemon's figures that are read. */
interface Stats {
  readonly read: string
  readonly cpu_stats: { readonly cpu_usage: { readonly total_usage: number } }
  readonly memory_stats: {
    readonly usage?: number
    readonly limit?: number
    readonly stats?: Readonly<Record<string, number>>
  }
  readonly networks?: Readonly<Record<string, { readonly rx_bytes: number; readonly tx_bytes: number }>>
  readonly blkio_stats: {
    readonly io_service_bytes_recursive: readonly { readonly op: string; readonly value: number }[] | null
  }
  readonly pids_stats: { readonly current?: number }
}

async function readUsage(engine: Engine, id: string, signal: AbortSignal): Promise<ResourceUsage | undefined> {
  const { status } = await inspect(engine, id, signal)
  if (status !== 'running' && status !== 'paused') return undefined
  const query = { stream: false, 'one-shot': true }
  const stats = await engine.json<Stats>({ path: `/containers/${id}/stats`, query, signal })
  const { usage, limit = 0, stats: parts = {} } = stats.memory_stats
  if (usage === undefined) return undefined
  const cache = parts.total_inactive_file ?? parts.inactive_file ?? 0
  const links = Object.values(stats.networks ?? {})
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
  const disk = (operation: string): number =>
    sum(
      (stats.blkio_stats.io_service_bytes_recursive ?? []).flatMap(({ op, value }) =>
        op.toLowerCase() === operation ? [value] : [],
      ),
    )
  return {
    atMs: Date.parse(stats.read),
    cpuMs: stats.cpu_stats.cpu_usage.total_usage / 1e6,
    memoryBytes: Math.max(0, usage - cache),
    memoryLimitBytes: limit,
    receivedBytes: sum(links.map((one) => one.rx_bytes)),
    sentBytes: sum(links.map((one) => one.tx_bytes)),
    readBytes: disk('read'),
    writtenBytes: disk('write'),
    tasks: stats.pids_stats.current ?? 0,
  }
}

const KINDS = ['changed', 'added', 'deleted'] as const

async function listChanges(engine: Engine, id: string, signal: AbortSignal): Promise<readonly FileChange[]> {
  const path = `/containers/${id}/changes`
  const changes = await engine.json<readonly { readonly Path: string; readonly Kind: 0 | 1 | 2 }[] | null>({
    path,
    signal,
  })
  return (Array.isArray(changes) ? changes : [])
    .map(({ Path, Kind }) => ({ kind: KINDS[Kind as 0 | 1 | 2], path: Path as string }))
    .sort((a, b) => (a.path < b.path ? -1 : 1))
}

async function commit(engine: Engine, id: string, options: CommitOptions, signal: AbortSignal): Promise<string> {
  const { reference, changes, author, message, pause } = options
  const [, repository, tag] = /^(.*?)(?::([^:/]+))?$/.exec(reference ?? '') ?? []
  const query = {
    container: id,
    repo: repository || undefined,
    tag,
    author: author || undefined,
    comment: message || undefined,
    pause,
    changes: changes.length === 0 ? undefined : changes.join('\n'),
  }
  return (await engine.json<{ readonly Id: string }>({ method: 'POST', path: '/commit', query, body: {}, signal })).Id
}
