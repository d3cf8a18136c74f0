/** A registry that holds one image and goes wrong in every way that a seed comes upon. What it did is kept. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pick, type Random } from '../fuzz/random.ts'
import { sha256 } from '../runtime/image/archive.ts'
import type { HeldImage } from './remote-image.ts'

export const FAULTS = [
  'cut',
  'short',
  'stall',
  'corrupt',
  'longer',
  'reset',
  'unauthorized',
  'too-many',
  'server-error',
  'unavailable',
  'redirect',
  'redirect-loop',
  'no-ranges',
  'wrong-range',
  'missing',
] as const
export type Fault = (typeof FAULTS)[number]

export interface FaultyRegistry {
  readonly host: string
  /** `GET blobs/sha256:… cut`. */
  readonly log: readonly string[]
  /** Headers of requests that were redirected to the other host. */
  readonly elsewhere: readonly IncomingMessage['headers'][]
  readonly close: () => Promise<void>
}

export interface Faultiness {
  readonly random: Random
  /** One request of so many goes wrong. */
  readonly oneOf: number
  readonly faults?: readonly Fault[]
}

export async function startFaulty(
  image: HeldImage,
  { random, oneOf, faults = FAULTS }: Faultiness,
): Promise<FaultyRegistry> {
  const log: string[] = []
  const elsewhere: IncomingMessage['headers'][] = []
  const storage = createServer((request, response) => {
    elsewhere.push(request.headers)
    serve(image, request, response)
  })
  const storageHost = await listen(storage)
  const registry = createServer((request, response) => {
    const path = pathOf(request)
    const fault = path !== '' && random(oneOf) === 0 ? pick(random, faults) : undefined
    log.push(`${request.method} ${path}${fault === undefined ? '' : ` ${fault}`}`)
    if (path === '') response.end()
    else answer(fault, { image, request, response, random, storageHost })
  })
  const host = await listen(registry)
  return {
    host,
    log,
    elsewhere,
    close: async () => {
      for (const server of [registry, storage]) {
        server.closeAllConnections()
        await new Promise((resolve) => server.close(resolve))
      }
    },
  }
}

interface Turn {
  readonly image: HeldImage
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly random: Random
  readonly storageHost: string
}

const REFUSALS: Partial<Record<Fault, readonly [status: number, headers?: Record<string, string>]>> = {
  unauthorized: [401, { 'www-authenticate': 'Basic realm="test"' }],
  'too-many': [429, { 'retry-after': '0' }],
  'server-error': [500],
  unavailable: [503, { 'retry-after': '0' }],
  missing: [404],
}

function answer(fault: Fault | undefined, { image, request, response, random, storageHost }: Turn): void {
  const refusal = fault && REFUSALS[fault]
  if (refusal) response.writeHead(...refusal).end('{"errors":[{"code":"X","message":"a fault of the test"}]}')
  else if (fault === 'reset') request.socket.destroy()
  else if (fault === 'redirect') response.writeHead(307, { location: `http://${storageHost}${request.url}` }).end()
  else if (fault === 'redirect-loop') response.writeHead(302, { location: request.url ?? '' }).end()
  else serve(image, request, response, fault && { fault, random })
}

function serve(
  image: HeldImage,
  request: IncomingMessage,
  response: ServerResponse,
  bad?: { readonly fault: Fault; readonly random: Random },
): void {
  const held = image.answers.get(pathOf(request))
  if (held === undefined) {
    response.writeHead(404).end()
    return
  }
  const { data, mediaType } = held
  const from = bad?.fault === 'no-ranges' ? 0 : Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0)
  const isPart = from > 0 || bad?.fault === 'wrong-range'
  const told = bad?.fault === 'wrong-range' ? from + 1 : from
  const body = bad?.fault === 'corrupt' ? flipped(data.subarray(from), bad.random) : data.subarray(from)
  response.writeHead(isPart ? 206 : 200, {
    'content-type': mediaType,
    'docker-content-digest': sha256(data),
    ...(isPart ? { 'content-range': `bytes ${told}-${data.length - 1}/${data.length}` } : {}),
    ...(bad?.fault === 'short' || bad?.fault === 'longer' ? {} : { 'content-length': body.length }),
  })
  if (request.method === 'HEAD') response.end()
  else sendBody(body, response, bad)
}

function sendBody(
  body: Buffer,
  response: ServerResponse,
  bad?: { readonly fault: Fault; readonly random: Random },
): void {
  const upTo = bad === undefined ? body.length : bad.random(body.length)
  const start = body.subarray(0, upTo)
  if (bad?.fault === 'cut') response.write(start, () => response.destroy())
  else if (bad?.fault === 'stall') response.write(start)
  else if (bad?.fault === 'short') response.end(start)
  else if (bad?.fault === 'longer') response.end(Buffer.concat([body, Buffer.alloc(100)]))
  else response.end(body)
}

function flipped(data: Buffer, random: Random): Buffer {
  const copy = Buffer.from(data)
  const at = random(copy.length)
  copy[at] = (copy[at] ?? 0) ^ 1
  return copy
}

/** Empty for the greeting. */
function pathOf({ url = '' }: IncomingMessage): string {
  return url.replace(/^\/v2\/(?:image\/)?/, '')
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}
