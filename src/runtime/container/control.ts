/** The client of a monitor's control socket (docs/monitor.md): one request for each connection, answers as JSON lines. */
import { connect, type Socket } from 'node:net'
import { DriverError } from '../../driver/driver.ts'
import { refusalOf } from '../native-error.ts'
import type { ContainerStateRecord, MonitorSpec, OciProcess, OciResources } from './monitor-spec.ts'

export type ControlRequest =
  | { readonly op: 'state' }
  | { readonly op: 'subscribe' }
  | { readonly op: 'signal'; readonly signal: number }
  | { readonly op: 'kill'; readonly signal: number }
  | { readonly op: 'pause' | 'unpause' }
  | { readonly op: 'update'; readonly restart: MonitorSpec['restart']; readonly resources?: OciResources }
  | { readonly op: 'stop'; readonly signal?: number; readonly graceMs?: number }
  | { readonly op: 'attach'; readonly stdin: boolean }
  | {
      readonly op: 'exec'
      readonly process: OciProcess
      readonly user: string
      readonly groupAdd: readonly string[]
      readonly stdin: boolean
      readonly detach: boolean
      readonly rows: number
      readonly columns: number
    }

export interface ControlAnswer {
  readonly ok: true
  readonly state?: ContainerStateRecord
  readonly pid?: number
}

interface ControlFailure {
  readonly ok: false
  readonly error: {
    readonly code: DriverError['code']
    readonly message: string
    readonly hint?: string
    readonly exitCode?: number
  }
}

/** A connection after its first answer; `rest` is what came behind it. */
export interface ControlConnection {
  readonly socket: Socket
  readonly answer: ControlAnswer
  readonly rest: Buffer
}

/** Asks once. `monitor-lost` when nobody answers. */
export async function ask(socketPath: string, request: ControlRequest, signal: AbortSignal): Promise<ControlAnswer> {
  const { socket, answer } = await open(socketPath, request, signal)
  socket.destroy()
  return answer
}

/** Asks and keeps the connection. */
export async function open(
  socketPath: string,
  request: ControlRequest,
  signal: AbortSignal,
): Promise<ControlConnection> {
  const socket = connect(socketPath)
  socket.write(`${JSON.stringify(request)}\n`)
  return connected(socket, signal)
}

/** A connection on which the monitor has been asked, or has no need to be. */
export async function connected(socket: Socket, signal: AbortSignal): Promise<ControlConnection> {
  const cancel = (): void => void socket.destroy(new DriverError('cancelled', 'cancelled', { cause: signal.reason }))
  if (signal.aborted) cancel()
  signal.addEventListener('abort', cancel, { once: true })
  socket.once('close', () => signal.removeEventListener('abort', cancel))
  socket.on('error', () => {})
  try {
    const { line, rest } = await firstLine(socket)
    return { socket, answer: accepted(JSON.parse(line) as ControlAnswer | ControlFailure), rest }
  } catch (error) {
    socket.destroy()
    throw error
  }
}

/** Each later line of a `subscribe`; ends when the monitor closes. */
export async function* laterStates({ socket, rest }: ControlConnection): AsyncGenerator<ContainerStateRecord> {
  let text = rest.toString('utf8')
  try {
    for await (const piece of socket) {
      text += (piece as Buffer).toString('utf8')
      const lines = text.split('\n')
      text = lines.pop() ?? ''
      for (const line of lines) {
        const { state } = JSON.parse(line) as ControlAnswer
        if (state !== undefined) yield state
      }
    }
  } catch (error) {
    // A monitor that is killed resets the connection: for a listener the same as a close.
    if (error instanceof DriverError) throw error
  } finally {
    socket.destroy()
  }
}

export class ControlRefusal extends DriverError {
  /** What a shell would answer: 126 or 127 for a program that could not be run. */
  readonly exitCode: number | undefined

  constructor(refusal: DriverError, exitCode: number | undefined) {
    super(refusal.code, refusal.message, refusal.hint === undefined ? {} : { hint: refusal.hint })
    this.exitCode = exitCode
  }

  /** The same refusal with the container's name in it. */
  of(containerName: string): DriverError {
    const message = this.message.replace(/^the container /, `container "${containerName}" `)
    return new DriverError(this.code, message, { ...(this.hint !== undefined && { hint: this.hint }), cause: this })
  }
}

function accepted(answer: ControlAnswer | ControlFailure): ControlAnswer {
  if (answer.ok) return answer
  throw new ControlRefusal(refusalOf(answer.error), answer.error.exitCode)
}

function firstLine(socket: Socket): Promise<{ readonly line: string; readonly rest: Buffer }> {
  return new Promise((resolve, reject) => {
    let data: Buffer = Buffer.alloc(0)
    const finish = (settle: () => void): void => {
      socket.removeListener('data', onData).removeListener('error', onEnd).removeListener('close', onEnd)
      settle()
    }
    const onData = (piece: Buffer): void => {
      data = Buffer.concat([data, piece])
      const end = data.indexOf(10)
      if (end === -1) return
      socket.pause()
      finish(() => resolve({ line: data.subarray(0, end).toString('utf8'), rest: data.subarray(end + 1) }))
    }
    const onEnd = (error?: unknown): void => finish(() => reject(lostError(error)))
    socket.on('data', onData).once('error', onEnd).once('close', onEnd)
  })
}

function lostError(cause: unknown): DriverError {
  if (cause instanceof DriverError) return cause
  return new DriverError('monitor-lost', 'the process that watches over the container does not answer', { cause })
}
