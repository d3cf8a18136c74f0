/** A conversation with a program by way of its monitor: frames both ways until it has ended. */
import type { Socket } from 'node:net'
import { DriverError, type ExecStreams } from '../../driver/driver.ts'
import type { ControlConnection } from './control.ts'
import { encodeFrame, FRAME, type Frame, frameReader } from './frames.ts'
import { signalNumber } from './spec/signals.ts'

/** What the end of the caller's input means to the program. */
export type EndOfInput = 'ends-input' | 'leaves-input'

/** Returns the exit code of the program. */
export async function converse(
  { socket, rest }: ControlConnection,
  streams: ExecStreams,
  endOfInput: EndOfInput,
): Promise<number> {
  streams.onResizer?.((rows, columns) => socket.write(jsonFrame({ resize: { rows, columns } })))
  streams.onSignaller?.((name) => socket.write(jsonFrame({ signal: signalNumber(name) })))
  const input = streams.stdin?.[Symbol.asyncIterator]()
  if (input !== undefined) void pump(input, socket, endOfInput)
  try {
    return await readFrames(socket, rest, streams)
  } finally {
    socket.destroy()
    // Not waited for: a terminal that nobody types into never answers.
    void input?.return?.()
  }
}

async function readFrames(socket: Socket, rest: Buffer, streams: ExecStreams): Promise<number> {
  const read = frameReader()
  const exit = deliver(read(rest), streams)
  if (exit !== undefined) return exit
  for await (const piece of socket) {
    const code = deliver(read(piece as Buffer), streams)
    if (code !== undefined) return code
  }
  throw new DriverError('monitor-lost', 'the container went away while the program ran in it')
}

/** The exit code, when it is among the frames. */
function deliver(frames: readonly Frame[], streams: ExecStreams): number | undefined {
  for (const { type, payload } of frames) {
    if (type === FRAME.stdout) streams.stdout(payload)
    if (type === FRAME.stderr) streams.stderr(payload)
    if (type !== FRAME.json) continue
    const { exit } = JSON.parse(payload.toString('utf8')) as { readonly exit?: { readonly code: number } }
    if (exit !== undefined) return exit.code
  }
  return undefined
}

/** An empty frame tells that there is no more. */
async function pump(input: AsyncIterator<Uint8Array>, socket: Socket, endOfInput: EndOfInput): Promise<void> {
  for (let next = await input.next(); !next.done && !socket.destroyed; next = await input.next()) {
    if (next.value.length === 0) continue
    if (!socket.write(encodeFrame(FRAME.stdin, next.value))) await drained(socket)
  }
  if (endOfInput === 'ends-input' && !socket.destroyed) socket.write(encodeFrame(FRAME.stdin, new Uint8Array()))
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      socket.removeListener('drain', finish).removeListener('close', finish)
      resolve()
    }
    socket.once('drain', finish).once('close', finish)
  })
}

function jsonFrame(value: object): Buffer {
  return encodeFrame(FRAME.json, Buffer.from(JSON.stringify(value)))
}
