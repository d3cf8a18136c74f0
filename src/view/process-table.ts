/** The processes of services' containers, as `docker compose top` lays out what `ps -ef` says of them. */
import type { ObservedProcess } from '../driver/driver.ts'
import { renderTable } from './table.ts'

export interface ContainerProcesses {
  readonly serviceName: string
  readonly number: string
  readonly processes: readonly ObservedProcess[]
}

const HEADER = ['SERVICE', '#', 'UID', 'PID', 'PPID', 'C', 'STIME', 'TTY', 'TIME', 'CMD']

/** Nothing at all when nothing runs. */
export function renderProcesses(containers: readonly ContainerProcesses[], nowMs: number): string {
  const rows = containers.flatMap(({ serviceName, number, processes }) =>
    processes.map((one) => [serviceName, number, ...columnsOf(one, nowMs)]),
  )
  return rows.length === 0 ? '' : renderTable([HEADER, ...rows], { leastWidth: 4, padding: 2 })
}

function columnsOf(one: ObservedProcess, nowMs: number): readonly string[] {
  return [
    shortUser(one.user),
    String(one.pid),
    String(one.parentPid),
    String(percentOf(one, nowMs)),
    startTime(new Date(one.startedAtMs), new Date(nowMs)),
    one.terminal || '?',
    cpuTime(one.cpuMs),
    one.command,
  ]
}

/** `ps` cuts at eight characters and says so. */
function shortUser(user: string): string {
  return user.length > 8 ? `${user.slice(0, 7)}+` : user
}

/** The share of one processor over its whole life, at most two digits. */
function percentOf({ cpuMs, startedAtMs }: ObservedProcess, nowMs: number): number {
  const lifeMs = Math.max(nowMs - startedAtMs, 1)
  return Math.min(Math.floor((cpuMs * 100) / lifeMs), 99)
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** The hour today, the day this year, the year before that; local time. */
function startTime(started: Date, now: Date): string {
  if (started.getFullYear() !== now.getFullYear()) return String(started.getFullYear())
  const isToday = started.getMonth() === now.getMonth() && started.getDate() === now.getDate()
  if (isToday) return `${two(started.getHours())}:${two(started.getMinutes())}`
  return `${MONTHS[started.getMonth()]}${two(started.getDate())}`
}

/** `[DAYS-]HH:MM:SS`. */
function cpuTime(cpuMs: number): string {
  const seconds = Math.floor(cpuMs / 1000)
  const days = Math.floor(seconds / 86_400)
  const clock = [Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60].map(two).join(':')
  return days === 0 ? clock : `${two(days)}-${clock}`
}

function two(number: number): string {
  return String(number).padStart(2, '0')
}
