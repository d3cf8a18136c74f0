/**
 * Registries as one opens them for a command: each is greeted once, and everything after that is asked with what it wants to see.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md
 */
import { DriverError } from '../../../driver/driver.ts'
import type { Reference } from '../reference.ts'
import { type Authority, authorize } from './authorize.ts'
import { readChallenges } from './challenge.ts'
import type { FindCredential } from './credentials.ts'
import { type Download, startDownload } from './download.ts'
import { type Answer, exchange } from './exchange.ts'
import { greet, type Session } from './greeting.ts'
import { type Endpoint, mirrorsOf, registryItself } from './hosts.ts'
import { once } from './once.ts'
import { nothingBetween, type Outside } from './outside.ts'
import { openLine, type Question } from './request.ts'
import { type Attempt, retrying } from './retry.ts'

export interface RegistryClient {
  /** Asks below `/v2/REPOSITORY/`, with what authorises to pull. Any status is an answer. */
  readonly ask: (reference: Reference, request: RepositoryRequest) => Promise<Answer>
  /** As `ask`, for content that is too long to be held: its stream is the caller's to read or to destroy. */
  readonly download: (reference: Reference, request: DownloadRequest) => Promise<Download>
  /** Sends what is to be stored, to the registry itself and to no mirror. Any status is an answer. */
  readonly send: (reference: Reference, request: SendRequest) => Promise<Answer>
  /** Does it again, after a pause, when it failed in a way that may pass. */
  readonly retrying: <T>(attempt: Attempt<T>, signal?: AbortSignal) => Promise<T>
}

export interface DownloadRequest {
  /** `blobs/sha256:…`. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface RepositoryRequest {
  readonly method: 'GET' | 'HEAD'
  /** `manifests/latest`. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly maxBytes: number
}

export interface SendRequest extends Omit<RepositoryRequest, 'method'> {
  readonly method: Question['method']
  /** Or a whole address that the registry has given, which may be another host's. */
  readonly path: string
  readonly body?: Question['body']
  /** Another repository that has to be read for it. */
  readonly from?: string
  readonly patience?: number
}

export interface ClientOptions {
  readonly credentials: FindCredential
  readonly outside?: Outside
  readonly signal: AbortSignal
  /** For one question and its answer. */
  readonly timeoutMs?: number
  /** Before the first thing is tried again. */
  readonly firstPauseMs?: number
}

const TIMEOUT_MS = 30_000
const FIRST_PAUSE_MS = 500
const FIRST_REFUSAL = 400

export function openClient({
  credentials,
  outside = nothingBetween(),
  signal,
  timeoutMs = TIMEOUT_MS,
  firstPauseMs = FIRST_PAUSE_MS,
}: ClientOptions): RegistryClient {
  const line = openLine(outside, { timeoutMs, signal })
  const context: Context = { line, credentials, sessions: new Map(), tokens: new Map(), silent: new Set() }
  return {
    retrying: (attempt, own = signal) => retrying(attempt, own, firstPauseMs),
    ask: (reference, request) =>
      inRepository(reference, request, {
        context,
        send: (question) => exchange({ ...question, maxBytes: request.maxBytes }, context.line),
        leave: () => undefined,
      }),
    download: (reference, request) =>
      inRepository(
        reference,
        { ...request, method: 'GET' },
        { context, send: (question) => startDownload(question, context.line), leave: ({ stream }) => stream.resume() },
      ),
    send: (reference, request) => sendTo(reference, request, context),
  }
}

interface Context extends Authority {
  readonly sessions: Map<string, Promise<Session>>
  /** Mirrors that did not answer: they are not waited for again. */
  readonly silent: Set<string>
}

function sendTo(reference: Reference, { from, ...request }: SendRequest, context: Context): Promise<Answer> {
  const { maxBytes, patience = 1 } = request
  const scopes = [scopeOf(reference.repository, 'pull,push'), ...(from === undefined ? [] : [scopeOf(from, 'pull')])]
  const endpoint = registryItself(reference.registry, context.line.outside.settings)
  return atEndpoint(
    { endpoint, reference, request, scopes },
    {
      context,
      send: (question) => exchange({ ...question, maxBytes, patience }, context.line),
      leave: () => undefined,
    },
  )
}

const scopeOf = (repository: string, access: 'pull' | 'pull,push'): string => `repository:${repository}:${access}`

interface Sending<T> {
  readonly context: Context
  readonly send: (question: Question) => Promise<T>
  /** What becomes of an answer that is not the last. */
  readonly leave: (answer: T) => void
}

type Head = Pick<Answer, 'status' | 'headers' | 'url'>
type Request = Pick<SendRequest, 'method' | 'path' | 'headers' | 'body'>

/** From the first mirror that has it, else from the registry itself. */
async function inRepository<T extends Head>(reference: Reference, request: Request, sending: Sending<T>): Promise<T> {
  const { settings } = sending.context.line.outside
  const scopes = [scopeOf(reference.repository, 'pull')]
  for (const mirror of mirrorsOf(reference.registry, settings)) {
    const answer = await atMirror({ endpoint: mirror, reference, request, scopes }, sending)
    if (answer !== undefined) return answer
  }
  return atEndpoint({ endpoint: registryItself(reference.registry, settings), reference, request, scopes }, sending)
}

interface Errand {
  readonly endpoint: Endpoint
  readonly reference: Reference
  readonly request: Request
  readonly scopes: readonly string[]
}

/** What a mirror has not, or does not give, is no failure. */
async function atMirror<T extends Head>(errand: Errand, sending: Sending<T>): Promise<T | undefined> {
  const { silent } = sending.context
  const { name } = errand.endpoint
  if (silent.has(name)) return undefined
  try {
    const answer = await atEndpoint(errand, sending)
    if (answer.status < FIRST_REFUSAL) return answer
    sending.leave(answer)
  } catch (error) {
    if (!(error instanceof DriverError) || error.code === 'cancelled') throw error
    silent.add(name)
  }
  return undefined
}

async function atEndpoint<T extends Head>(errand: Errand, sending: Sending<T>): Promise<T> {
  const { endpoint, reference, request, scopes } = errand
  const { context, send, leave } = sending
  const session = await once(context.sessions, endpoint.name, () => greet(endpoint, context.line))
  const { method, path, headers = {}, body } = request
  const url = URL.canParse(path) ? new URL(path) : new URL(`/v2/${reference.repository}/${path}`, session.base)
  const question: Question = { method, headers, url, ...(body === undefined ? {} : { body }) }
  // Whoever keeps the content for the registry is not the registry.
  if (url.origin !== session.base.origin) return send(question)
  const asking = { name: endpoint.name, scopes }
  const authorization = await authorize(asking, session.challenges, context)
  const answer = await send({ ...question, authorization })
  // Another host, reached by a redirect, has no right to ask.
  if (answer.status !== 401 || answer.url.origin !== session.base.origin) return answer
  // Some registries greet everybody and ask only here; and a token may have grown too old.
  const challenges = readChallenges(answer.headers['www-authenticate'])
  const second = await authorize({ ...asking, rejected: authorization }, challenges, context)
  if (second === undefined || second === authorization) return answer
  leave(answer)
  return await send({ ...question, authorization: second })
}
