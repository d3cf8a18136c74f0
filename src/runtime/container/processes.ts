/**
 * The processes of a container, from the host's /proc. Nothing is run, least of all of the container's: what a program
 * says of itself is only read as text.
 */
import { readFileSync, statSync } from 'node:fs'
import type { ObservedProcess } from '../../driver/driver.ts'
import type { Runtime } from '../runtime.ts'
import { type ProcessStat, parseStat, terminalName } from '../state/process-stat.ts'
import { readText } from '../state/record-file.ts'
import { cgroupsPath } from './cgroups-path.ts'
import { requireContainer } from './record.ts'
import { isUp, readState } from './state.ts'

export function listProcesses({ paths, native }: Runtime, containerId: string): ObservedProcess[] {
  requireContainer(paths, containerId)
  if (!isUp(readState(paths, containerId))) return []
  const host = { bootedAtMs: bootedAtMs(), userNames: userNames() }
  const pids = native().addon.cgroupPids(cgroupsPath(paths, containerId))
  return pids.flatMap((pid) => readProcess(pid, host) ?? [])
}

interface Host {
  readonly bootedAtMs: number
  readonly userNames: ReadonlyMap<number, string>
}

/** The kernel tells times to programs in hundredths of a second, on every machine. */
const MS_PER_TICK = 10

/** Undefined when it has ended meanwhile. */
function readProcess(pid: number, { bootedAtMs, userNames }: Host): ObservedProcess | undefined {
  try {
    const stat = parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'))
    const { uid } = statSync(`/proc/${pid}`)
    return {
      pid,
      parentPid: stat.parentPid,
      user: userNames.get(uid) ?? String(uid),
      terminal: terminalName(stat.terminal),
      startedAtMs: bootedAtMs + stat.startTicks * MS_PER_TICK,
      cpuMs: stat.cpuTicks * MS_PER_TICK,
      command: commandOf(readFileSync(`/proc/${pid}/cmdline`, 'utf8'), stat),
    }
  } catch (error) {
    if (GONE.has((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}

const GONE = new Set(['ENOENT', 'ESRCH'])

/** Whatever a program calls itself, it stays one line. */
function commandOf(line: string, { name, state }: Pick<ProcessStat, 'name' | 'state'>): string {
  const words = line.replace(/\0+$/, '').replaceAll('\0', ' ')
  const text = state === 'Z' ? `[${name}] <defunct>` : words || `[${name}]`
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(/[\u0000-\u001f\u007f]/g, '?')
}

function bootedAtMs(): number {
  const [, seconds = '0'] = /^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'latin1')) ?? []
  return Number(seconds) * 1000
}

function userNames(): Map<number, string> {
  const lines = (readText('/etc/passwd') ?? '').split('\n').map((line) => line.split(':'))
  // Of several names for one number the first counts.
  return new Map(lines.reverse().map(([name = '', , uid = '']) => [Number(uid || Number.NaN), name]))
}
