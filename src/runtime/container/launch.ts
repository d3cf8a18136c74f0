/** Starts the monitor of a container. */
import { Socket } from 'node:net'
import { startMonitor } from '../monitor-program.ts'
import type { Native } from '../native.ts'
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

/** Returns when the container's first program runs, with the connection of an audience. */
export async function launchMonitor(
  native: Native,
  { directory, audience }: Launch,
  signal: AbortSignal,
): Promise<ControlConnection | undefined> {
  const { PATH } = process.env
  const request = {
    arguments: ['run', directory, ...(audience ? [JSON.stringify(audience)] : [])],
    environment: PATH === undefined ? [] : [`PATH=${PATH}`],
    log: `${directory}/monitor.log`,
    kept: [],
    connected: audience !== undefined,
  }
  const { descriptor, answered } = startMonitor(native, request, signal)
  const connection = descriptor === null ? undefined : connected(new Socket({ fd: descriptor }), signal)
  connection?.catch(() => {})
  await answered
  return connection
}
