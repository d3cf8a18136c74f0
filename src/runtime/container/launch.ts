/** Starts a monitor and reads the one line it answers with. */
import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { DriverError } from '../../driver/driver.ts'
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
 * own, and nothing of ours but the log it writes its troubles to. Cancelling stops waiting, not the monitor.
 */
export async function launchMonitor(
  monitorPath: string,
  { directory, audience }: Launch,
  signal: AbortSignal,
): Promise<ControlConnection | undefined> {
  const log = openSync(join(directory, 'monitor.log'), 'a', 0o600)
  const monitor = spawn(monitorPath, ['run', directory, ...(audience ? [JSON.stringify(audience)] : [])], {
    detached: true,
    cwd: '/',
    env: { PATH: process.env.PATH },
    // The fourth is a socket, one end of which is the monitor's.
    stdio: ['ignore', 'pipe', log, ...(audience ? (['pipe'] as const) : [])],
  })
  closeSync(log)
  monitor.unref()
  const failed = new Promise<never>((_, reject) =>
    monitor.once('error', (cause) => reject(notStarted(monitorPath, cause))),
  )
  const connection = audience && connected(monitor.stdio[3] as Socket, signal)
  connection?.catch(() => {})
  const answer = await Promise.race([readAnswer(monitor.stdout, signal), failed])
  if (answer?.ok) return connection
  if (answer !== undefined) throw refusalOf(answer.error)
  throw new DriverError('monitor-lost', 'the process that should watch over the container ended before it was ready', {
    hint: `see "${join(directory, 'monitor.log')}"`,
  })
}

async function readAnswer(stdout: Readable | null, signal: AbortSignal): Promise<StartAnswer | undefined> {
  if (stdout === null) return undefined
  const cancel = (): void => void stdout.destroy(new DriverError('cancelled', 'cancelled', { cause: signal.reason }))
  signal.addEventListener('abort', cancel, { once: true })
  if (signal.aborted) cancel()
  try {
    const pieces: Buffer[] = []
    for await (const piece of stdout) pieces.push(piece as Buffer)
    const text = Buffer.concat(pieces).toString('utf8').trim()
    return text === '' ? undefined : (JSON.parse(text) as StartAnswer)
  } finally {
    signal.removeEventListener('abort', cancel)
  }
}

function notStarted(monitorPath: string, cause: Error): DriverError {
  return new DriverError('native-missing', `"${monitorPath}" can't be started: ${cause.message}`, { cause })
}
