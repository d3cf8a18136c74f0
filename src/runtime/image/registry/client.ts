/**
 * Registries as one opens them for a command: each is greeted once, and everything after that is asked with what it wants to see.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md
 */
import type { Reference } from '../reference.ts'
import { type Challenge, readChallenges } from './challenge.ts'
import type { FindCredential } from './credentials.ts'
import { type Download, startDownload } from './download.ts'
import { type Answer, exchange } from './exchange.ts'
import { greet, type Session } from './greeting.ts'
import { type Line, openLine, type Question } from './request.ts'
import { type Attempt, retrying } from './retry.ts'
import { type BearerChallenge, basic, fetchToken } from './token.ts'

export interface RegistryClient {
  /** Asks below `/v2/REPOSITORY/`, with what authorises to pull. Any status is an answer. */
  readonly ask: (reference: Reference, request: RepositoryRequest) => Promise<Answer>
  /** As `ask`, for content that is too long to be held: its stream is the caller's to read or to destroy. */
  readonly download: (reference: Reference, request: DownloadRequest) => Promise<Download>
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

export interface ClientOptions {
  readonly credentials: FindCredential
  readonly signal: AbortSignal
  /** For one question and its answer. */
  readonly timeoutMs?: number
  /** Before the first thing is tried again. */
  readonly firstPauseMs?: number
}

const TIMEOUT_MS = 30_000
const FIRST_PAUSE_MS = 500

export function openClient({
  credentials,
  signal,
  timeoutMs = TIMEOUT_MS,
  firstPauseMs = FIRST_PAUSE_MS,
}: ClientOptions): RegistryClient {
  const context: Context = { line: openLine(timeoutMs, signal), credentials, sessions: new Map(), tokens: new Map() }
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
  }
}

interface Context {
  readonly line: Line
  readonly credentials: FindCredential
  readonly sessions: Map<string, Promise<Session>>
  /** By server, service and repository. */
  readonly tokens: Map<string, Promise<Token>>
}

interface Token {
  readonly header: string
}

interface Sending<T> {
  readonly context: Context
  readonly send: (question: Question) => Promise<T>
  /** What becomes of an answer that is not the last. */
  readonly leave: (answer: T) => void
}

async function inRepository<T extends Pick<Answer, 'status' | 'headers' | 'url'>>(
  reference: Reference,
  { method, path, headers = {} }: Omit<RepositoryRequest, 'maxBytes'>,
  { context, send, leave }: Sending<T>,
): Promise<T> {
  const session = await sessionWith(reference.registry, context)
  const question: Question = { method, headers, url: new URL(`/v2/${reference.repository}/${path}`, session.base) }
  const authorization = await authorize(reference, session.challenges, context)
  const answer = await send({ ...question, authorization })
  // Another host, reached by a redirect, has no right to ask.
  if (answer.status !== 401 || answer.url.origin !== session.base.origin) return answer
  // Some registries greet everybody and ask only here; and a token may have grown too old.
  const challenges = readChallenges(answer.headers['www-authenticate'])
  const second = await authorize(reference, challenges, context, authorization)
  if (second === undefined || second === authorization) return answer
  leave(answer)
  return await send({ ...question, authorization: second })
}

function sessionWith(registry: string, context: Context): Promise<Session> {
  return once(context.sessions, registry, () => greet(registry, context.line))
}

/** The header that answers the first challenge we can answer; undefined when there is nothing to say. */
async function authorize(
  reference: Reference,
  challenges: readonly Challenge[],
  context: Context,
  rejected?: string,
): Promise<string | undefined> {
  const bearer = challenges.find((one) => one.kind === 'bearer')
  if (bearer) return bearerFor(reference, bearer, context, rejected)
  if (challenges.length === 0) return undefined
  return basic(await context.credentials(reference.registry, context.line.signal))
}

/** Another one than was rejected, if there is one to be had. */
async function bearerFor(
  reference: Reference,
  challenge: BearerChallenge,
  context: Context,
  rejected: string | undefined,
): Promise<string> {
  const { registry, repository } = reference
  const scope = `repository:${repository}:pull`
  const key = [registry, challenge.realm, challenge.service, scope].join(' ')
  const known = await once(context.tokens, key, () => newToken(registry, { challenge, scope }, context))
  if (known.header !== rejected) return known.header
  // Whoever comes first forgets it for all.
  if ((await context.tokens.get(key)) === known) context.tokens.delete(key)
  return (await once(context.tokens, key, () => newToken(registry, { challenge, scope }, context))).header
}

async function newToken(
  registry: string,
  request: { readonly challenge: BearerChallenge; readonly scope: string },
  { credentials, line }: Context,
): Promise<Token> {
  const credential = await credentials(registry, line.signal)
  const { token } = await fetchToken({ registry, credential, ...request }, line)
  return { header: `Bearer ${token}` }
}

/** What several ask for at the same time is done once. */
function once<T>(known: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const found = known.get(key) ?? make()
  known.set(key, found)
  return found
}
