/** Proof that a process is the one a record speaks of. A pid alone proves nothing. Reads /proc, signals nothing. */
import { readFileSync } from 'node:fs'
import type { MonitorIdentity } from '../container/monitor-spec.ts'
import { readText } from './record-file.ts'

/** False as soon as the process is gone, a zombie, another one with its pid, or of an earlier boot. */
export function isAlive(identity: MonitorIdentity): boolean {
  const stat = statOf(identity.pid)
  if (!stat?.running) return false
  return stat.startTime === identity.startTime && bootId() === identity.bootId
}

/** True as well when it has been stopped by a signal, and does nothing for the moment. */
export function isStopped(identity: MonitorIdentity): boolean {
  return isAlive(identity) && statOf(identity.pid)?.stopped === true
}

export function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
}

function statOf(
  pid: number,
): { readonly running: boolean; readonly stopped: boolean; readonly startTime: number } | undefined {
  if (!Number.isInteger(pid) || pid <= 1) return undefined
  const text = readProcess(pid)
  if (text === undefined) return undefined
  // The second field is the program's name in brackets and may hold spaces and brackets itself.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const [state] = fields
  return { running: state !== 'Z' && state !== 'X', stopped: state === 'T', startTime: Number(fields[19]) }
}

function readProcess(pid: number): string | undefined {
  try {
    return readText(`/proc/${pid}/stat`)
  } catch {
    // ESRCH: it went between open and read.
    return undefined
  }
}
