/** Starts a monitor and reads the one line it answers with. */
import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { DriverError } from '../../driver/driver.ts'
import { refusalOf } from '../native-error.ts'
import type { ContainerStateRecord } from './monitor-spec.ts'

type StartAnswer =
  | { readonly ok: true; readonly state: ContainerStateRecord }
  | {
      readonly ok: false
      readonly error: { readonly code: DriverError['code']; readonly message: string; readonly hint?: string }
    }

/**
 * Returns the state when the container's first program runs. The monitor stays when we leave: it has a session of its
 * own, and nothing of ours but the log it writes its troubles to. Cancelling stops waiting, not the monitor.
 */
export async function launchMonitor(
  monitorPath: string,
  containerDir: string,
  signal: AbortSignal,
): Promise<ContainerStateRecord> {
  const log = openSync(join(containerDir, 'monitor.log'), 'a', 0o600)
  const monitor = spawn(monitorPath, ['run', containerDir], {
    detached: true,
    cwd: '/',
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', log],
  })
  closeSync(log)
  monitor.unref()
  const failed = new Promise<never>((_, reject) =>
    monitor.once('error', (cause) => reject(notStarted(monitorPath, cause))),
  )
  const answer = await Promise.race([readAnswer(monitor.stdout, signal), failed])
  if (answer !== undefined) return startedState(answer)
  throw new DriverError('monitor-lost', 'the process that should watch over the container ended before it was ready', {
    hint: `see "${join(containerDir, 'monitor.log')}"`,
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

function startedState(answer: StartAnswer): ContainerStateRecord {
  if (answer.ok) return answer.state
  throw refusalOf(answer.error)
}

function notStarted(monitorPath: string, cause: Error): DriverError {
  return new DriverError('native-missing', `"${monitorPath}" can't be started: ${cause.message}`, { cause })
}
