/** Proof that a process is the one a record speaks of. A pid alone proves nothing. Reads /proc, signals nothing. */
import { readFileSync } from 'node:fs'
import type { MonitorIdentity } from '../container/monitor-spec.ts'
import { type ProcessStat, parseStat } from './process-stat.ts'
import { readText } from './record-file.ts'

/** False as soon as the process is gone, a zombie, another one with its pid, or of an earlier boot. */
export function isAlive(identity: MonitorIdentity): boolean {
  const stat = statOf(identity.pid)
  if (stat === undefined || stat.state === 'Z' || stat.state === 'X') return false
  return stat.startTicks === identity.startTime && bootId() === identity.bootId
}

/** True as well when it has been stopped by a signal, and does nothing for the moment. */
export function isStopped(identity: MonitorIdentity): boolean {
  return isAlive(identity) && statOf(identity.pid)?.state === 'T'
}

export function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
}

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
