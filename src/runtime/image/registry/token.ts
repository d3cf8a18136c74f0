/** A token for one repository, from the server that the registry names. https://distribution.github.io/distribution/spec/auth/token */
import { DriverError } from '../../../driver/driver.ts'
import type { Challenge } from './challenge.ts'
import type { Credential } from './credential.ts'
import { type Answer, exchange, type ShortQuestion } from './exchange.ts'
import { isLoopback } from './hosts.ts'
import { describeStatus, loginCommand } from './refusal.ts'
import type { Line } from './request.ts'
import type { RegistrySettings } from './settings.ts'

export type BearerChallenge = Extract<Challenge, { readonly kind: 'bearer' }>

export interface TokenRequest {
  readonly registry: string
  readonly challenge: BearerChallenge
  /** `repository:NAME:pull`; for nothing in particular there is none. */
  readonly scopes?: readonly string[]
  /** Asks for an identity token as well, with which others can be had later. */
  readonly isOffline?: true
  readonly credential: Credential | undefined
}

const MAX_BYTES = 1 << 20
const CLIENT = 'tscompose'

export interface Tokens {
  readonly token: string
  /** Not every server has them. */
  readonly identityToken?: string
}

export async function fetchToken(request: TokenRequest, line: Line): Promise<Tokens> {
  if (request.credential?.kind === 'registry-token') return { token: request.credential.token }
  const answer = await exchange(questionOf(request, line.outside.settings), line)
  if (answer.status !== 200) throw refusal(request, answer)
  return readTokens(answer)
}

function questionOf(
  { registry, challenge: { realm, service }, scopes = [], credential, isOffline }: TokenRequest,
  { insecure }: RegistrySettings,
): ShortQuestion {
  const url = URL.canParse(realm) ? new URL(realm) : undefined
  // Whoever listens on the way would have the password or the token.
  if (!url || (url.protocol !== 'https:' && !isLoopback(url) && !insecure.has(url)))
    throw new DriverError('refused', `registry "${registry}" wants a token from "${realm}", which is not a TLS address`)
  const words = {
    ...(service === undefined ? {} : { service }),
    ...(isOffline ? { offline_token: 'true', client_id: CLIENT } : {}),
  }
  if (credential?.kind === 'identity-token') {
    const form = { grant_type: 'refresh_token', client_id: CLIENT, refresh_token: credential.token, ...words }
    const scope = scopes.length === 0 ? {} : { scope: scopes.join(' ') }
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    return {
      method: 'POST',
      url,
      headers,
      body: String(new URLSearchParams({ ...form, ...scope })),
      maxBytes: MAX_BYTES,
    }
  }
  for (const [name, value] of Object.entries(words)) url.searchParams.set(name, value)
  for (const scope of scopes) url.searchParams.append('scope', scope)
  return { method: 'GET', url, authorization: basic(credential), maxBytes: MAX_BYTES }
}

export function basic(credential: Credential | undefined): string | undefined {
  if (credential?.kind !== 'password') return undefined
  return `Basic ${Buffer.from(`${credential.username}:${credential.password}`).toString('base64')}`
}

function readTokens({ body, url }: Answer): Tokens {
  const { token, access_token: accessToken, refresh_token: identityToken } = parse(body)
  const found = token || accessToken
  // It becomes a header, which can hold nothing else.
  if (typeof found === 'string' && /^[\x21-\x7e]+$/.test(found)) {
    return { token: found, ...(typeof identityToken === 'string' && identityToken !== '' ? { identityToken } : {}) }
  }
  throw new DriverError('refused', `"${url.host}" answered with something that is no token`, {
    hint: 'check that it is a token server, and what stands between it and you',
  })
}

function parse(body: Buffer): Record<string, unknown> {
  try {
    return (JSON.parse(body.toString()) as Record<string, unknown> | null) ?? {}
  } catch {
    return {}
  }
}

function refusal({ registry, credential }: TokenRequest, answer: Answer): DriverError {
  const why = describeStatus(answer)
  if (answer.status !== 401 && answer.status !== 403)
    return new DriverError(
      'image-unreachable',
      `"${answer.url.host}" gives no token for registry "${registry}": ${why}`,
    )
  const hint = `log in with "${loginCommand(registry)}"`
  const who = credential?.kind === 'password' ? `the password of "${credential.username}"` : 'the login'
  return credential
    ? new DriverError('permission-denied', `registry "${registry}" does not accept ${who}: ${why}`, { hint })
    : new DriverError('permission-denied', `registry "${registry}" speaks to nobody without a login: ${why}`, { hint })
}
