/** Serialises the writers of one project on this machine: whoever listens on a name of the kernel's has the lock, and loses it with its process. */
import { createHash } from 'node:crypto'
import { createConnection, createServer, type Server } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { DriverError, type LockWait } from '../driver.ts'

const PAUSE_MS = 25
const ANSWER_MS = 1_000

/** Abstract names (unix(7)) are Linux's; elsewhere a port of the loopback address stands for the name. */
export async function lockProject({
  engineUrl,
  projectName,
  signal,
  onWait,
}: {
  readonly engineUrl: string
  readonly projectName: string
  readonly signal: AbortSignal
  readonly onWait?: LockWait | undefined
}): Promise<() => Promise<void>> {
  const digest = createHash('sha256').update(`${engineUrl}\n${projectName}`).digest()
  const place: Place =
    process.platform === 'linux'
      ? { path: `\0tscompose-${digest.toString('hex').slice(0, 32)}` }
      : { host: '127.0.0.1', port: 49152 + (digest.readUInt16BE(0) % 16384) }
  for (let isFirst = true; ; isFirst = false) {
    if (signal.aborted) throw new DriverError('cancelled', `cancelled while waiting for the project "${projectName}"`)
    const server = await tryListen(place)
    if (server !== undefined) return () => new Promise((resolve) => server.close(() => resolve()))
    if (isFirst && onWait) onWait(await holderOf(place))
    await delay(PAUSE_MS, undefined, { signal }).catch(() => {})
  }
}

type Place = { readonly path: string } | { readonly host: string; readonly port: number }

function tryListen(place: Place): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.on('error', () => {}).end(`${process.pid}\n`, () => socket.destroy())
    })
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    )
    server.listen({ ...place, exclusive: true }, () => {
      server.unref()
      resolve(server)
    })
  })
}

/** The holder says itself who it is, if it is still there and has a moment. */
async function holderOf(place: Place): Promise<number | undefined> {
  const socket = createConnection(place)
  socket.setTimeout(ANSWER_MS, () => socket.destroy())
  try {
    return Number.parseInt(await text(socket), 10) || undefined
  } catch {
    return undefined
  }
}
