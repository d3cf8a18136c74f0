/** The monitors and keepers of this test run, and their sudden end. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { stateEnvironment } from '../e2e/support/cli.ts'

export interface Watcher {
  readonly pid: number
  readonly kind: 'monitor' | 'keeper'
  readonly containerId: string
}

/** Of all containers below the data directory; the end-to-end tests' own unless another is named. */
export function watchers(dataDir = stateEnvironment().TSCOMPOSE_DATA_DIR ?? ''): readonly Watcher[] {
  const containers = join(dataDir, 'containers')
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const [program = '', , directory = ''] = read(`/proc/${name}/cmdline`).split('\0')
      if (!program.endsWith('/tscompose-monitor') || !directory.startsWith(`${containers}/`)) return []
      const kind = read(`/proc/${name}/comm`).startsWith('tscompose-keep') ? 'keeper' : 'monitor'
      return [{ pid: Number(name), kind, containerId: directory.slice(containers.length + 1) }]
    })
}

/** All of them at once, so that none can take another's place. Returns when their containers are gone as well. */
export async function killWatchers(all = watchers()): Promise<void> {
  const ids = all.map((one) => one.containerId)
  for (const signal of ['SIGSTOP', 'SIGKILL'] as const) for (const { pid } of all) process.kill(pid, signal)
  while (all.some(({ pid }) => isThere(pid)) || ids.some(hasProcesses)) await delay(5)
}

function isThere(pid: number): boolean {
  const stat = read(`/proc/${pid}/stat`)
  return stat !== '' && !/\) [ZX] /.test(stat)
}

function hasProcesses(containerId: string): boolean {
  return ['', ...readdirSync('/sys/fs/cgroup')].some(
    (hierarchy) => read(join('/sys/fs/cgroup', hierarchy, 'tscompose', containerId, 'cgroup.procs')) !== '',
  )
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
