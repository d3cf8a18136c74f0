/** One request over HTTP or HTTPS, and where a redirect may lead it: credentials are not taken along to another host. */
import { type IncomingMessage, Agent as PlainAgent, request as plainRequest } from 'node:http'
import { Agent as TlsAgent, request as tlsRequest } from 'node:https'
import { DriverError } from '../../../driver/driver.ts'
import { isLoopback } from './hosts.ts'

export interface Question {
  readonly method: 'GET' | 'HEAD' | 'POST'
  readonly url: URL
  readonly headers?: Readonly<Record<string, string>>
  /** Sent to this host alone. */
  readonly authorization?: string | undefined
  readonly body?: string
}

/** How to speak: connections are kept, and there are never more of them to one host than it can bear. */
export interface Line {
  readonly plain: PlainAgent
  readonly tls: TlsAgent
  /** For an answer, and for each pause in a long one. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

const MAX_CONNECTIONS = 8
const MAX_REDIRECTS = 5

export function openLine(timeoutMs: number, signal: AbortSignal): Line {
  const options = { keepAlive: true, maxSockets: MAX_CONNECTIONS }
  return { plain: new PlainAgent(options), tls: new TlsAgent(options), timeoutMs, signal }
}

/** Resolves with the head of the answer; its body is still to be read. */
export function startRequest(question: Question, { plain, tls }: Line, signal: AbortSignal): Promise<IncomingMessage> {
  const { method, url, headers, authorization, body } = question
  const options = {
    method,
    signal,
    headers: { 'user-agent': 'tscompose', ...headers, ...(authorization === undefined ? {} : { authorization }) },
  }
  return new Promise((resolve, reject) => {
    const request =
      url.protocol === 'http:'
        ? plainRequest(url, { ...options, agent: plain })
        : tlsRequest(url, { ...options, agent: tls, rejectUnauthorized: !isLoopback(url) })
    request.on('error', reject)
    request.on('response', resolve)
    request.end(body)
  })
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
    const location = question.method === 'POST' ? undefined : read.location(answer)
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
