/** Connections with a monitor that stay: somebody is attached, follows, or runs a program in the container. */
import { connect, type Socket } from 'node:net'
import { DriverError } from '../../driver/driver.ts'
import { type ControlAnswer, type ControlRequest, lostError, readAnswer } from './control-answer.ts'
import type { ContainerStateRecord } from './monitor-spec.ts'

/** A connection after its first answer; `rest` is what came behind it. */
export interface ControlConnection {
  readonly socket: Socket
  readonly answer: ControlAnswer
  readonly rest: Buffer
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
    return { socket, answer: readAnswer(line), rest }
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
