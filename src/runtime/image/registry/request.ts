/** One request over HTTP or HTTPS, and where a redirect may lead it: credentials are not taken along to another host. */
import { createReadStream } from 'node:fs'
import { type ClientRequest, type IncomingMessage, Agent as PlainAgent, request as plainRequest } from 'node:http'
import { type RequestOptions, Agent as TlsAgent, request as tlsRequest } from 'node:https'
import { DriverError } from '../../../driver/driver.ts'
import { isLoopback } from './hosts.ts'
import type { Outside } from './outside.ts'
import { proxyAuthorization } from './proxy.ts'
import { tunnelAgent } from './tunnel.ts'

export interface Question {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'PUT'
  readonly url: URL
  readonly headers?: Readonly<Record<string, string>>
  /** Sent to this host alone. */
  readonly authorization?: string | undefined
  readonly body?: string | FilePart
}

/** A part of a file, sent as it is read. */
export interface FilePart {
  readonly path: string
  readonly start: number
  readonly bytes: number
  /** Told how many of its bytes have been read by now. */
  readonly onBytes: (bytes: number) => void
}

/** How to speak: connections are kept, and there are never more of them to one host than it can bear. */
export interface Line {
  readonly plain: PlainAgent
  /** By proxy; '' is without one. */
  readonly secure: Map<string, TlsAgent>
  readonly outside: Outside
  /** For an answer, and for each pause in a long one. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

const MAX_CONNECTIONS = 8
const MAX_REDIRECTS = 5
const PART_BYTES = 1 << 18
/** Those that are sent on as they are: what others sent is not sent a second time to somebody else. */
const FOLLOWING = new Set<string>(['GET', 'HEAD'])

const KEPT = { keepAlive: true, maxSockets: MAX_CONNECTIONS } as const

export function openLine(outside: Outside, { timeoutMs, signal }: Pick<Line, 'timeoutMs' | 'signal'>): Line {
  return { plain: new PlainAgent(KEPT), secure: new Map(), outside, timeoutMs, signal }
}

/** Resolves with the head of the answer; its body is still to be read. */
export function startRequest(question: Question, line: Line, signal: AbortSignal): Promise<IncomingMessage> {
  const { method, headers, authorization, body } = question
  const options = {
    method,
    signal,
    headers: { 'user-agent': 'tscompose', ...headers, ...(authorization === undefined ? {} : { authorization }) },
  }
  return new Promise((resolve, reject) => {
    const request =
      question.url.protocol === 'http:' ? plain(question.url, options, line) : secure(question.url, options, line)
    request.on('error', reject)
    request.on('response', resolve)
    if (typeof body === 'object') sendPart(body, request)
    else request.end(body)
  })
}

/** What is answered before all is sent is an answer; the rest of the file is not read then. */
function sendPart({ path, start, bytes, onBytes }: FilePart, request: ClientRequest): void {
  if (bytes === 0) return void request.end()
  const file = createReadStream(path, { start, end: start + bytes - 1, highWaterMark: PART_BYTES })
  let sent = 0
  file.on('data', (part) => {
    sent += part.length
    onBytes(sent)
  })
  file.on('error', (error) => request.destroy(error))
  request.on('close', () => file.destroy())
  file.pipe(request)
}

/** A proxy for HTTP is asked for the whole address. */
function plain(url: URL, options: RequestOptions, { plain: agent, outside }: Line): ClientRequest {
  const proxy = outside.proxyFor(url)
  if (proxy === undefined) return plainRequest(url, { ...options, agent })
  const authorization = proxyAuthorization(proxy)
  const proxied = { host: url.host, ...(authorization === undefined ? {} : { 'proxy-authorization': authorization }) }
  const start = proxy.protocol === 'https:' ? tlsRequest : plainRequest
  const { hostname, port } = proxy
  return start({ ...options, hostname, port, path: url.href, headers: { ...(options.headers as object), ...proxied } })
}

function secure(url: URL, options: RequestOptions, { secure: agents, outside }: Line): ClientRequest {
  const proxy = outside.proxyFor(url)
  const key = proxy?.href ?? ''
  const agent = agents.get(key) ?? (proxy === undefined ? new TlsAgent(KEPT) : tunnelAgent(proxy, KEPT))
  agents.set(key, agent)
  const isUnproved = isLoopback(url) || outside.settings.insecure.has(url)
  return tlsRequest(url, {
    ...options,
    agent,
    secureContext: outside.trust(url, !isUnproved),
    rejectUnauthorized: !isUnproved,
  } as RequestOptions)
}

/** Asks from address to address until one does not send on; `leave` is given each answer that does. */
export async function follow<T>(
  question: Question,
  ask: (question: Question) => Promise<T>,
  read: { readonly location: (answer: T) => string | undefined; readonly leave: (answer: T) => void },
): Promise<T> {
  let asked = question
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const answer = await ask(asked)
    const location = FOLLOWING.has(question.method) ? read.location(answer) : undefined
    if (location === undefined) return answer
    read.leave(answer)
    asked = redirected(asked, location)
  }
  throw new DriverError('image-unreachable', `"${question.url.host}" sends from one address to the next without end`)
}

const REDIRECTS = new Set([301, 302, 303, 307, 308])

export function locationOf(status: number, location: string | undefined): string | undefined {
  return REDIRECTS.has(status) ? location : undefined
}

/** What was meant for one host's ears is not told to another, and TLS is not given up on the way. */
function redirected(question: Question, location: string): Question {
  const { url } = question
  const next = URL.canParse(location, url.href) ? new URL(location, url) : undefined
  const isSafe = next?.protocol === 'https:' || (next?.protocol === 'http:' && url.protocol === 'http:')
  if (next === undefined || !isSafe)
    throw new DriverError('refused', `"${url.host}" redirects from TLS to an address without it`)
  const { authorization, ...rest } = question
  return { ...rest, url: next, ...(next.origin === url.origin ? { authorization } : {}) }
}
