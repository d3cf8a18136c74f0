/** Programs that are talked with: exec, and attach to the first one. */
import type { Duplex } from 'node:stream'
import { type Driver, DriverError, type ExecSpec, type ExecStreams } from '../driver.ts'
import { inspect, start } from './containers.ts'
import type { Engine } from './engine.ts'
import { framesOf } from './frames.ts'

export function conversationMethods(engine: Engine): Pick<Driver, 'exec' | 'attach' | 'startAttached'> {
  return {
    exec: (id, spec, streams, signal) => exec(engine, { id, spec, streams, signal }),
    attach: (id, streams, signal) => attach(engine, id, streams, signal),
    startAttached: (id, streams, signal) => startAttached(engine, id, streams, signal),
  }
}

interface Exec {
  readonly id: string
  readonly spec: ExecSpec
  readonly streams: ExecStreams
  readonly signal: AbortSignal
}

async function exec(engine: Engine, { id, spec, streams, signal }: Exec): Promise<number> {
  await requireRunning(engine, id, signal)
  const size = spec.tty && streams.terminalSize
  const consoleSize = size ? { ConsoleSize: [size.rows, size.columns] } : {}
  const { Id: execId } = await engine.json<{ readonly Id: string }>({
    method: 'POST',
    path: `/containers/${id}/exec`,
    body: {
      AttachStdin: spec.stdin,
      AttachStdout: !spec.detach,
      AttachStderr: !spec.detach,
      Tty: spec.tty,
      Cmd: spec.argv,
      Env: [...(spec.tty ? ['TERM=xterm'] : []), ...spec.environment],
      User: spec.user,
      WorkingDir: spec.workingDir,
      Privileged: spec.privileged,
      ...consoleSize,
    },
    signal,
  })
  const path = `/exec/${execId}/start`
  const body = { Detach: spec.detach, Tty: spec.tty, ...consoleSize }
  if (spec.detach) {
    await engine.json({ method: 'POST', path, body, signal })
    return 0
  }
  const connection = await engine.hijack({ method: 'POST', path, body, signal }).catch(asExitCode)
  if (typeof connection === 'number') return connection
  await tellSizes(engine, `/exec/${execId}/resize`, streams, signal)
  await talk(connection, withReasonApart(streams), { isRaw: spec.tty, takesInput: spec.stdin })
  const { ExitCode: code } = await engine.json<{ readonly ExitCode: number | null }>({
    path: `/exec/${execId}/json`,
    signal,
  })
  return code ?? 0

  function asExitCode(error: unknown): number {
    const codes: Readonly<Record<string, number>> = { 'executable-not-found': 127, 'executable-denied': 126 }
    const code = error instanceof DriverError ? codes[error.code] : undefined
    if (code === undefined) throw error
    streams.stderr(Buffer.from(`${(error as DriverError).message}\n`))
    return code
  }
}

/** The daemon says why a program could not be run where its output would be. */
function withReasonApart(streams: ExecStreams): ExecStreams {
  let isFirst = true
  const stdout = (data: Uint8Array): void => {
    const isReason = isFirst && Buffer.from(data).subarray(0, 64).toString().startsWith('OCI runtime exec failed')
    isFirst = false
    streams[isReason ? 'stderr' : 'stdout'](data)
  }
  return { ...streams, stdout }
}

async function attach(engine: Engine, id: string, streams: ExecStreams, signal: AbortSignal): Promise<number> {
  const { tty } = await requireRunning(engine, id, signal)
  const call = { engine, id, streams, signal }
  const ended = endOf(call, 'not-running')
  const connection = await connect(call)
  await tellSizes(engine, `/containers/${id}/resize`, streams, signal)
  return converse(call, { connection, ended, manner: { isRaw: tty, takesInput: true, keepsOpen: true } })
}

/** Whoever is there before the start misses nothing. */
async function startAttached(engine: Engine, id: string, streams: ExecStreams, signal: AbortSignal): Promise<number> {
  const { tty, status, containerName } = await inspect(engine, id, signal)
  if (status === 'running' || status === 'paused' || status === 'restarting')
    throw new DriverError('refused', `container "${containerName}" runs already`, { hint: 'attach to it' })
  const call = { engine, id, streams, signal }
  const connection = await connect(call)
  const ended = endOf(call, 'next-exit')
  try {
    await start(engine, id, signal)
  } catch (error) {
    connection.destroy()
    throw error
  }
  await tellSizes(engine, `/containers/${id}/resize`, streams, signal)
  return converse(call, { connection, ended, manner: { isRaw: tty, takesInput: true } })
}

interface Call {
  readonly engine: Engine
  readonly id: string
  readonly streams: ExecStreams
  readonly signal: AbortSignal
}

function endOf({ engine, id, signal }: Call, condition: string): Promise<number> {
  const path = `/containers/${id}/wait`
  const ended = engine
    .json<{ readonly StatusCode: number }>({ method: 'POST', path, query: { condition }, signal })
    .then(({ StatusCode: code }) => code)
  ended.catch(() => {})
  return ended
}

function connect({ engine, id, streams, signal }: Call): Promise<Duplex> {
  const query = { stream: true, stdin: streams.stdin !== undefined, stdout: true, stderr: true }
  return engine.hijack({ method: 'POST', path: `/containers/${id}/attach`, query, signal })
}

interface Conversation {
  readonly connection: Duplex
  readonly ended: Promise<number>
  readonly manner: Manner
}

async function converse(
  { engine, id, streams, signal }: Call,
  { connection, ended, manner }: Conversation,
): Promise<number> {
  streams.onSignaller?.((name) => {
    engine.json({ method: 'POST', path: `/containers/${id}/kill`, query: { signal: name }, signal }).catch(() => {})
  })
  const onAbort = (): void => void connection.destroy()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    await talk(connection, streams, manner)
    if (signal.aborted) throw new DriverError('cancelled', 'cancelled while attached')
    return await ended
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

async function requireRunning(engine: Engine, id: string, signal: AbortSignal): ReturnType<Driver['inspectContainer']> {
  const container = await inspect(engine, id, signal)
  if (container.status === 'running') return container
  if (container.status === 'paused')
    throw new DriverError('refused', `container "${container.containerName}" is paused`, { hint: 'unpause it first' })
  throw new DriverError('container-not-running', `container "${container.containerName}" is not running`, {
    hint: 'start it first',
  })
}

/** The size that is told at once is there before anything is typed. */
async function tellSizes(engine: Engine, path: string, { onResizer }: ExecStreams, signal: AbortSignal): Promise<void> {
  let first: Promise<unknown> | undefined
  onResizer?.((rows, columns) => {
    const told = engine.json({ method: 'POST', path, query: { h: rows, w: columns }, signal }).catch(() => {})
    first ??= told
  })
  await first
}

interface Manner {
  readonly isRaw: boolean
  readonly takesInput: boolean
  /** The end of the caller's input is not the end of the program's. */
  readonly keepsOpen?: boolean
}

/** Until the other side has said everything. */
async function talk(connection: Duplex, streams: ExecStreams, { isRaw, takesInput, keepsOpen }: Manner): Promise<void> {
  connection.on('error', () => {})
  if (takesInput && streams.stdin !== undefined) void say(connection, streams.stdin, keepsOpen === true)
  else if (!keepsOpen) connection.end()
  try {
    for await (const { stream, data } of framesOf(connection as AsyncIterable<Buffer>, isRaw)) streams[stream](data)
  } catch (error) {
    if (!connection.destroyed) throw error
  }
}

/** What the program does not want any more is not told to anybody. */
async function say(connection: Duplex, input: AsyncIterable<Uint8Array>, keepsOpen: boolean): Promise<void> {
  try {
    for await (const data of input) {
      if (connection.destroyed) return
      if (!connection.write(data))
        await new Promise((resolve) => connection.once('drain', resolve).once('close', resolve))
    }
    if (!keepsOpen) connection.end()
  } catch {
    connection.destroy()
  }
}
