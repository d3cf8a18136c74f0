/** A server on this machine that answers as the test says, and keeps what it was asked. */
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'

export interface Asked {
  readonly method: string
  /** With the query. */
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export interface Reply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: string
}

export interface FakeServer {
  /** `127.0.0.1:PORT`. */
  readonly host: string
  readonly asked: readonly Asked[]
  /** `GET /v2/`, and so on. */
  readonly lines: () => readonly string[]
  readonly close: () => Promise<void>
}

/** Undefined never answers. */
export type Answering = (asked: Asked) => Reply | undefined

export const startFake = (answer: Answering): Promise<FakeServer> => listen(createServer, answer)

/** Its certificate is for nobody and signed by itself. */
export const startTlsFake = (answer: Answering): Promise<FakeServer> =>
  listen((listener) => createTlsServer({ key: KEY, cert: CERTIFICATE }, listener), answer)

async function listen(create: (listener: RequestListener) => Server, answer: Answering): Promise<FakeServer> {
  const asked: Asked[] = []
  const server = create(async (request, response) => {
    const { method = '', url = '', headers } = request
    let body = ''
    for await (const chunk of request) body += chunk
    const one = { method, path: url, headers, body }
    asked.push(one)
    const reply = answer(one)
    if (!reply) return
    response.writeHead(reply.status ?? 200, reply.headers as Record<string, string>)
    response.end(method === 'HEAD' ? undefined : reply.body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    lines: () => asked.map(({ method, path }) => `${method} ${path}`),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

export const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg0VaK5YIqd5wP/5G2
1GlnUz147rKW2O2Kx7rzDDbh96uhRANCAATrNkpDtLe9tDfg+EH0KhEcJACzqfAr
QXE2aQJRW/7wHJWpQ/P/fLC0xbykplqI7YKzW4JXKzBAff97asMtMkOy
-----END PRIVATE KEY-----
`

export const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBiDCCAS+gAwIBAgIULcjCmoK/RRQa18oKZZfLELVlepIwCgYIKoZIzj0EAwIw
GTEXMBUGA1UEAwwObm9ib2R5LmludmFsaWQwIBcNMjYxMTI1MTUwMTQ0WhgPMjEy
NjExMDExNTAxNDRaMBkxFzAVBgNVBAMMDm5vYm9keS5pbnZhbGlkMFkwEwYHKoZI
zj0CAQYIKoZIzj0DAQcDQgAE6zZKQ7S3vbQ34PhB9CoRHCQAs6nwK0FxNmkCUVv+
8ByVqUPz/3ywtMW8pKZaiO2Cs1uCVyswQH3/e2rDLTJDsqNTMFEwHQYDVR0OBBYE
FKthZDGfg3KuNsDoTjj8VAQ8w5PlMB8GA1UdIwQYMBaAFKthZDGfg3KuNsDoTjj8
VAQ8w5PlMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIgLW4isgIh
XBWA4iIhOzmDe2RNnEVaN33SxPilvt6TZC0CICfUy9fy/3Q3Stp0uulUXiTmWEoV
0cD7asz+F9nuzDDo
-----END CERTIFICATE-----
`
