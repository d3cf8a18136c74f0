/** Starts tscompose-monitor and reads the one line it answers with. */
import { DriverError } from '../driver/driver.ts'
import { calledBack } from './called-back.ts'
import type { LaunchRequest, Native } from './native.ts'
import { refusalOf } from './native-error.ts'

/** Its refusal has no exit code of a container, unlike an exec's: `run` of what can not be started exits with 1, as Docker Compose does. */
type Answer =
  | { readonly ok: true }
  | {
      readonly ok: false
      readonly error: { readonly code: DriverError['code']; readonly message: string; readonly hint?: string }
    }

export interface MonitorStart {
  /** Our end of its connection, when it was to have one. */
  readonly descriptor: number | null
  /** When it has done what it was started for; fails with its refusal. */
  readonly answered: Promise<void>
}

/** It has a session of its own and nothing of ours: cancelling stops waiting, not the monitor. */
export function startMonitor(
  { addon, monitorPath }: Native,
  request: Omit<LaunchRequest, 'program'>,
  signal: AbortSignal,
): MonitorStart {
  let descriptor: number | null = null
  const answer = calledBack<string>(signal, (done) => {
    descriptor = addon.launch({ program: monitorPath, ...request }, done)
  })
  return { descriptor, answered: answer.then((text) => judge(text.trim(), request.log)) }
}

function judge(text: string, log: string): void {
  if (text === '') throw lost(log)
  const answer = JSON.parse(text) as Answer
  if (!answer.ok) throw refusalOf(answer.error)
}

function lost(log: string): DriverError {
  return new DriverError('monitor-lost', 'a process of tscompose ended before it was ready', { hint: `see "${log}"` })
}
