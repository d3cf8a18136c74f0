/** Starts a monitor and reads the one line it answers with. */
import { Socket } from 'node:net'
import { join } from 'node:path'
import { DriverError } from '../../driver/driver.ts'
import { calledBack } from '../called-back.ts'
import type { Native } from '../native.ts'
import { refusalOf } from '../native-error.ts'
import { type ControlConnection, connected } from './control.ts'

/** Who is to hear the container's first program from the start, and what its terminal measures. */
export interface Audience {
  readonly stdin: boolean
  readonly rows: number
  readonly columns: number
}

export interface Launch {
  /** The container's. */
  readonly directory: string
  readonly audience?: Audience
}

type StartAnswer =
  | { readonly ok: true }
  | {
      readonly ok: false
      readonly error: { readonly code: DriverError['code']; readonly message: string; readonly hint?: string }
    }

/**
 * Returns when the container's first program runs, with the connection of an audience. The monitor stays when we leave: it has a session of its
 * own, and nothing of ours. Cancelling stops waiting, not the monitor.
 */
export async function launchMonitor(
  { addon, monitorPath }: Native,
  { directory, audience }: Launch,
  signal: AbortSignal,
): Promise<ControlConnection | undefined> {
  const log = join(directory, 'monitor.log')
  const request = {
    program: monitorPath,
    arguments: ['run', directory, ...(audience ? [JSON.stringify(audience)] : [])],
    environment: process.env.PATH === undefined ? [] : [`PATH=${process.env.PATH}`],
    log,
    connected: audience !== undefined,
  }
  let descriptor: number | null = null
  const answered = calledBack<string>(signal, (done) => {
    descriptor = addon.launch(request, done)
  })
  const connection = descriptor === null ? undefined : connected(new Socket({ fd: descriptor }), signal)
  connection?.catch(() => {})
  const text = (await answered).trim()
  if (text === '') throw lost(log)
  const answer = JSON.parse(text) as StartAnswer
  if (!answer.ok) throw refusalOf(answer.error)
  return connection
}

function lost(log: string): DriverError {
  return new DriverError('monitor-lost', 'the process that should watch over the container ended before it was ready', {
    hint: `see "${log}"`,
  })
}
