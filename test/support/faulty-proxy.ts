/** Stands before a registry and spoils what goes through it in every way that a seed comes upon. What it did is kept. */
import { request as ask, createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pick, type Random } from '../fuzz/random.ts'

const FAULTS = [
  'cut',
  'cut-answer',
  'reset',
  'stall',
  'corrupt',
  'unauthorized',
  'forbidden',
  'missing',
  'too-much',
  'wrong-range',
  'too-many',
  'server-error',
  'unavailable',
] as const
export type PushFault = (typeof FAULTS)[number]

export interface FaultyProxy {
  /** `127.0.0.1:PORT` */
  readonly host: string
  /** `PATCH blobs/uploads cut`, without what differs from run to run. */
  readonly log: readonly string[]
  /** Bytes of requests that came to the registry. */
  readonly sentBytes: () => number
  readonly close: () => Promise<void>
}

export interface ProxyFaultiness {
  readonly random: Random
  /** One request of so many goes wrong. */
  readonly oneOf: number
  readonly faults?: readonly PushFault[]
  /** It answers every part with this status. */
  readonly refusesParts?: number
  /** More than this in one request is too much. */
  readonly mostBytes?: number
}

const REFUSALS: Partial<Record<PushFault, readonly [status: number, headers?: Record<string, string>]>> = {
  unauthorized: [401, { 'www-authenticate': 'Basic realm="test"' }],
  forbidden: [403],
  missing: [404],
  'too-much': [413],
  'wrong-range': [416],
  'too-many': [429, { 'retry-after': '0' }],
  'server-error': [500],
  unavailable: [503, { 'retry-after': '0' }],
}

export async function startFaultyProxy(registry: string, faultiness: ProxyFaultiness): Promise<FaultyProxy> {
  const log: string[] = []
  let sentBytes = 0
  const server = createServer(async (request, response) => {
    const body = await readBody(request).catch(() => undefined)
    if (body === undefined) return
    const fault = faultFor(request, body, faultiness)
    log.push(`${request.method} ${placeOf(request)}${fault === undefined ? '' : ` ${fault}`}`)
    const refusal = typeof fault === 'number' ? ([fault] as const) : fault && REFUSALS[fault]
    if (refusal)
      return void response.writeHead(...refusal).end('{"errors":[{"code":"X","message":"a fault of the test"}]}')
    if (fault === 'reset') return void request.socket.destroy()
    if (fault === 'stall') return
    sentBytes += body.length
    passOn(registry, { request, response, body, fault: fault as PushFault | undefined, random: faultiness.random })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    log,
    sentBytes: () => sentBytes,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function faultFor(
  { method, url }: IncomingMessage,
  body: Buffer,
  { random, oneOf, faults = FAULTS, refusesParts, mostBytes }: ProxyFaultiness,
): PushFault | number | undefined {
  if (method === 'PATCH' && refusesParts !== undefined) return refusesParts
  if (mostBytes !== undefined && body.length > mostBytes) return 'too-much'
  return url !== '/v2/' && random(oneOf) === 0 ? pick(random, faults) : undefined
}

interface Passage {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly body: Buffer
  readonly fault: PushFault | undefined
  readonly random: Random
}

function passOn(registry: string, { request, response, body, fault, random }: Passage): void {
  const [hostname, port] = registry.split(':')
  const { method, url: path, headers } = request
  const upstream = ask({ hostname, port, method, path, headers, agent: false }, (answer) => {
    if (fault === 'cut-answer') {
      answer.resume().on('end', () => request.socket.destroy())
      return
    }
    response.writeHead(answer.statusCode ?? 500, answer.headers)
    answer.pipe(response)
  })
  upstream.on('error', () => request.socket.destroy())
  if (fault !== 'cut') return void upstream.end(fault === 'corrupt' ? flipped(body, random) : body)
  upstream.flushHeaders()
  // The registry has a part of it by then, or not.
  upstream.write(body.subarray(0, random(body.length + 1)), () =>
    setTimeout(() => {
      upstream.destroy()
      request.socket.destroy()
    }, random(5)),
  )
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part)
  return Buffer.concat(parts)
}

function flipped(data: Buffer, random: Random): Buffer {
  if (data.length === 0) return data
  const copy = Buffer.from(data)
  const at = random(copy.length)
  copy[at] = (copy[at] ?? 0) ^ 1
  return copy
}

function placeOf({ url = '' }: IncomingMessage): string {
  return url.replace(/^\/v2\/(?:[a-z0-9]+\/)*?(?=blobs|manifests)/, '').replace(/uploads\/[^?]+.*$/, 'uploads')
}
