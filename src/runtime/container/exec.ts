/** Runs another program in a running container, and connects the caller's ends with it. */

import type { Socket } from 'node:net'
import { join } from 'node:path'
import { DriverError, type ExecSpec, type ExecStreams } from '../../driver/driver.ts'
import type { Runtime } from '../runtime.ts'
import { containerDir, controlSocketPath } from '../state/paths.ts'
import { readRecord } from '../state/record-file.ts'
import { type ControlConnection, ControlRefusal, type ControlRequest, open } from './control.ts'
import { encodeFrame, FRAME, type Frame, frameReader } from './frames.ts'
import { boundingCapabilities } from './machine.ts'
import type { MonitorSpec, OciProcess } from './monitor-spec.ts'
import { requireContainer } from './record.ts'
import { everyCapability } from './spec/capabilities.ts'
import { overlay } from './spec/environment.ts'
import { isUp, readState } from './state.ts'
import { notRunning } from './stop.ts'

export interface ExecRequest {
  readonly containerId: string
  readonly spec: ExecSpec
  readonly streams: ExecStreams
}

/** Returns the exit code of the program; 126 or 127, with the reason on stderr, when it could not be run. */
export async function execInContainer(runtime: Runtime, request: ExecRequest, signal: AbortSignal): Promise<number> {
  const { containerId, spec, streams } = request
  const { containerName } = requireContainer(runtime.paths, containerId)
  const state = readState(runtime.paths, containerId)
  if (state.status === 'paused')
    throw new DriverError('refused', `container "${containerName}" is paused`, { hint: 'unpause it first' })
  if (!isUp(state)) throw notRunning(containerName)
  try {
    const connection = await open(
      controlSocketPath(runtime.paths, containerId),
      controlRequest(runtime, containerId, spec),
      signal,
    )
    return spec.detach ? closed(connection) : await converse(connection, spec, streams)
  } catch (error) {
    if (!(error instanceof ControlRefusal) || error.exitCode === undefined) throw error
    streams.stderr(Buffer.from(`${error.message}\n`))
    return error.exitCode
  }
}

function controlRequest({ paths }: Runtime, containerId: string, spec: ExecSpec): ControlRequest {
  const path = join(containerDir(paths, containerId), 'spec.json')
  const container = readRecord<MonitorSpec>(path)
  if (container === undefined) throw new DriverError('state-broken', `"${path}" is missing`)
  return {
    op: 'exec',
    process: processOf(container.oci.process, spec),
    user: spec.user || container.user,
    groupAdd: container.groupAdd,
    stdin: spec.stdin,
    detach: spec.detach,
    rows: 24,
    columns: 80,
  }
}

/** The container's own program is the pattern; what the caller asks for goes on top. */
function processOf(container: OciProcess, spec: ExecSpec): OciProcess {
  return {
    ...container,
    terminal: spec.tty,
    args: spec.argv,
    env: overlay(container.env, spec.tty ? ['TERM=xterm'] : [], spec.environment),
    cwd: spec.workingDir || container.cwd,
    ...(spec.privileged ? { capabilities: everyCapability(boundingCapabilities()) } : {}),
  }
}

function closed({ socket }: ControlConnection): number {
  socket.destroy()
  return 0
}

async function converse(connection: ControlConnection, spec: ExecSpec, streams: ExecStreams): Promise<number> {
  const { socket, rest } = connection
  streams.onResizer?.((rows, columns) => socket.write(jsonFrame({ resize: { rows, columns } })))
  const input = spec.stdin && streams.stdin !== undefined ? streams.stdin[Symbol.asyncIterator]() : undefined
  if (input !== undefined) void pump(input, socket)
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
async function pump(input: AsyncIterator<Uint8Array>, socket: Socket): Promise<void> {
  for (let next = await input.next(); !next.done && !socket.destroyed; next = await input.next()) {
    if (next.value.length === 0) continue
    if (!socket.write(encodeFrame(FRAME.stdin, next.value))) await drained(socket)
  }
  if (!socket.destroyed) socket.write(encodeFrame(FRAME.stdin, new Uint8Array()))
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
