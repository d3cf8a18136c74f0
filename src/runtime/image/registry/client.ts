/**
 * Registries as one opens them for a command: each is greeted once, and everything after that is asked with what it wants to see.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md
 */
import { DriverError } from '../../../driver/driver.ts'
import type { Reference } from '../reference.ts'
import { type Challenge, readChallenges } from './challenge.ts'
import type { FindCredential } from './credentials.ts'
import { type Answer, exchange, type Line, openLine, type Question } from './exchange.ts'
import { addressesOf } from './hosts.ts'
import { type BearerChallenge, basic, fetchToken } from './token.ts'

export interface RegistryClient {
  /** Asks below `/v2/REPOSITORY/`, with what authorises to pull. Any status is an answer. */
  readonly ask: (reference: Reference, request: RepositoryRequest) => Promise<Answer>
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
}

const TIMEOUT_MS = 30_000
const GREETING_BYTES = 1 << 16

export function openClient({ credentials, signal, timeoutMs = TIMEOUT_MS }: ClientOptions): RegistryClient {
  const context: Context = { line: openLine(timeoutMs, signal), credentials, sessions: new Map(), tokens: new Map() }
  return { ask: (reference, request) => askRepository(reference, request, context) }
}

interface Context {
  readonly line: Line
  readonly credentials: FindCredential
  readonly sessions: Map<string, Promise<Session>>
  /** By server, service and repository. */
  readonly tokens: Map<string, Promise<string>>
}

interface Session {
  readonly base: URL
  readonly challenges: readonly Challenge[]
}

async function askRepository(reference: Reference, request: RepositoryRequest, context: Context): Promise<Answer> {
  const session = await sessionWith(reference.registry, context)
  const question: Question = { ...request, url: new URL(`/v2/${reference.repository}/${request.path}`, session.base) }
  const authorization = await authorize(reference, session.challenges, context)
  const answer = await exchange({ ...question, authorization }, context.line)
  // Some registries greet everybody and ask only here. Another host, reached by a redirect, has no right to ask.
  if (answer.status !== 401 || authorization !== undefined || answer.url.origin !== session.base.origin) return answer
  const second = await authorize(reference, readChallenges(answer.headers['www-authenticate']), context)
  return second === undefined ? answer : exchange({ ...question, authorization: second }, context.line)
}

function sessionWith(registry: string, context: Context): Promise<Session> {
  return once(context.sessions, registry, () => greet(registry, context.line))
}

/** The first address that answers at all. */
async function greet(registry: string, line: Line): Promise<Session> {
  let failure: unknown
  for (const base of addressesOf(registry)) {
    try {
      const url = new URL('/v2/', base)
      const { headers } = await exchange({ method: 'GET', url, maxBytes: GREETING_BYTES }, line)
      return { base, challenges: readChallenges(headers['www-authenticate']) }
    } catch (error) {
      if (!(error instanceof DriverError) || error.code !== 'image-unreachable') throw error
      failure = error
    }
  }
  throw failure
}

/** The header that answers the first challenge we can answer; undefined when there is nothing to say. */
async function authorize(
  reference: Reference,
  challenges: readonly Challenge[],
  context: Context,
): Promise<string | undefined> {
  const bearer = challenges.find((one) => one.kind === 'bearer')
  if (bearer) return `Bearer ${await tokenFor(reference, bearer, context)}`
  if (challenges.length === 0) return undefined
  return basic(await context.credentials(reference.registry, context.line.signal))
}

function tokenFor({ registry, repository }: Reference, challenge: BearerChallenge, context: Context): Promise<string> {
  const scope = `repository:${repository}:pull`
  return once(context.tokens, [registry, challenge.realm, challenge.service, scope].join(' '), async () => {
    const credential = await context.credentials(registry, context.line.signal)
    return fetchToken({ registry, challenge, scope, credential }, context.line)
  })
}

/** What several ask for at the same time is done once. */
function once<T>(known: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const found = known.get(key) ?? make()
  known.set(key, found)
  return found
}
