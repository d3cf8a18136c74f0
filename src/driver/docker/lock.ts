/** Serialises the writers of one project on this machine: whoever listens on a name of the kernel's has the lock, and loses it with its process. */
import { createHash } from 'node:crypto'
import { createServer, type Server } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { DriverError } from '../driver.ts'

const PAUSE_MS = 25

/** Abstract names (unix(7)) are Linux's; elsewhere a port of the loopback address stands for the name. */
export async function lockProject(
  engineUrl: string,
  projectName: string,
  signal: AbortSignal,
): Promise<() => Promise<void>> {
  const digest = createHash('sha256').update(`${engineUrl}\n${projectName}`).digest()
  const place =
    process.platform === 'linux'
      ? { path: `\0tscompose-${digest.toString('hex').slice(0, 32)}` }
      : { host: '127.0.0.1', port: 49152 + (digest.readUInt16BE(0) % 16384) }
  for (;;) {
    if (signal.aborted) throw new DriverError('cancelled', `cancelled while waiting for the project "${projectName}"`)
    const server = await tryListen(place)
    if (server !== undefined) return () => new Promise((resolve) => server.close(() => resolve()))
    await delay(PAUSE_MS, undefined, { signal }).catch(() => {})
  }
}

function tryListen(
  place: { readonly path: string } | { readonly host: string; readonly port: number },
): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy())
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    )
    server.listen({ ...place, exclusive: true }, () => {
      server.unref()
      resolve(server)
    })
  })
}
