/** Proof that a process is the one a record speaks of. A pid alone proves nothing. Reads /proc, signals nothing. */
import { readFileSync } from 'node:fs'
import type { MonitorIdentity } from '../container/monitor-spec.ts'
import { type ProcessStat, parseStat } from './process-stat.ts'
import { readText } from './record-file.ts'

/** False as soon as the process is gone, a zombie, another one with its pid, or of an earlier boot. */
export function isAlive(identity: MonitorIdentity): boolean {
  return livingStat(identity) !== undefined
}

/** True as well when it has been stopped by a signal, and does nothing for the moment. */
export function isStopped(identity: MonitorIdentity): boolean {
  return livingStat(identity)?.state === 'T'
}

let thisBoot: string | undefined

/** No process sees two of them. */
export function bootId(): string {
  thisBoot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
  return thisBoot
}

function livingStat({ pid, startTime, bootId: boot }: MonitorIdentity): ProcessStat | undefined {
  const stat = boot === bootId() ? statOf(pid) : undefined
  return stat === undefined || isOver(stat) || stat.startTicks !== startTime ? undefined : stat
}

const isOver = ({ state }: ProcessStat): boolean => state === 'Z' || state === 'X'

function statOf(pid: number): ProcessStat | undefined {
  if (!Number.isInteger(pid) || pid <= 1) return undefined
  const text = readProcess(pid)
  return text === undefined ? undefined : parseStat(text)
}

function readProcess(pid: number): string | undefined {
  try {
    return readText(`/proc/${pid}/stat`)
  } catch {
    // ESRCH: it went between open and read.
    return undefined
  }
}
