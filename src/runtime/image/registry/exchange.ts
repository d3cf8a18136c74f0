/**
 * One question to a registry and its answer, over HTTP or HTTPS. Redirects are followed, credentials are not taken along to another
 * host, an answer has a size and a time it must keep to. Knows nothing of images.
 */
import { Agent as PlainAgent, request as plainRequest } from 'node:http'
import { Agent as TlsAgent, request as tlsRequest } from 'node:https'
import { DriverError } from '../../../driver/driver.ts'
import { isLoopback } from './hosts.ts'
import { unreachable } from './unreachable.ts'

export interface Question {
  readonly method: 'GET' | 'HEAD' | 'POST'
  readonly url: URL
  readonly headers?: Readonly<Record<string, string>>
  /** Sent to this host alone. */
  readonly authorization?: string | undefined
  readonly body?: string
  readonly maxBytes: number
}

export interface Answer {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  /** Who gave it, after redirects. */
  readonly url: URL
}

/** How to speak: connections are kept, and there are never more of them to one host than it can bear. */
export interface Line {
  readonly plain: PlainAgent
  readonly tls: TlsAgent
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

const MAX_CONNECTIONS = 8
const MAX_REDIRECTS = 5

export function openLine(timeoutMs: number, signal: AbortSignal): Line {
  const options = { keepAlive: true, maxSockets: MAX_CONNECTIONS }
  return { plain: new PlainAgent(options), tls: new TlsAgent(options), timeoutMs, signal }
}

/** Any answer with a status is an answer; fails with `image-unreachable` when there is none. */
export async function exchange(question: Question, line: Line): Promise<Answer> {
  let asked = question
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const answer = await ask(asked, line)
    const next = redirected(asked, answer)
    if (next === undefined) return answer
    asked = next
  }
  throw new DriverError('image-unreachable', `"${question.url.host}" sends from one address to the next without end`)
}

async function ask(question: Question, line: Line): Promise<Answer> {
  const { timeoutMs, signal } = line
  const limit = AbortSignal.timeout(timeoutMs)
  try {
    return await send(question, line, AbortSignal.any([signal, limit]))
  } catch (error) {
    if (signal.aborted || error instanceof DriverError) throw error
    throw unreachable(question.url, error as Error, limit.aborted ? timeoutMs : undefined)
  }
}

function send(question: Question, { plain, tls }: Line, signal: AbortSignal): Promise<Answer> {
  const { method, url, headers, authorization, body, maxBytes } = question
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
    request.on('response', (response) => {
      readAll(response, url, maxBytes).then(
        (received) =>
          resolve({ status: response.statusCode ?? 0, headers: flat(response.headers), body: received, url }),
        (error) => {
          request.destroy()
          reject(error)
        },
      )
    })
    request.end(body)
  })
}

async function readAll(response: AsyncIterable<Buffer>, { host }: URL, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response) {
    size += chunk.length
    if (size > maxBytes) throw new DriverError('refused', `"${host}" sends more than the ${maxBytes} bytes it may`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function flat(headers: NodeJS.Dict<string | string[]>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value].flat().join(', ')]))
}

const REDIRECTS = new Set([301, 302, 303, 307, 308])

/** Where to ask next. What was meant for one host's ears is not told to another, and TLS is not given up on the way. */
function redirected(question: Question, { status, headers }: Answer): Question | undefined {
  if (!REDIRECTS.has(status) || headers.location === undefined || question.method === 'POST') return undefined
  const { url } = question
  const next = URL.canParse(headers.location, url.href) ? new URL(headers.location, url) : undefined
  const isSafe = next?.protocol === 'https:' || (next?.protocol === 'http:' && url.protocol === 'http:')
  if (next === undefined || !isSafe)
    throw new DriverError('refused', `"${url.host}" redirects from TLS to an address without it`)
  const { authorization, ...rest } = question
  return { ...rest, url: next, ...(next.origin === url.origin ? { authorization } : {}) }
}
