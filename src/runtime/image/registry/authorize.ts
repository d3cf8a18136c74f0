/** The header that shows a registry who asks, as its challenges want it. */
import type { Challenge } from './challenge.ts'
import type { FindCredential } from './credentials.ts'
import { once } from './once.ts'
import type { Line } from './request.ts'
import { type BearerChallenge, basic, fetchToken } from './token.ts'

export interface Authority {
  readonly line: Line
  readonly credentials: FindCredential
  /** By server, service and repository. */
  readonly tokens: Map<string, Promise<Token>>
}

export interface Asking {
  /** The registry, or the mirror, whom credentials are for. */
  readonly name: string
  /** `repository:NAME:pull` */
  readonly scopes: readonly string[]
  /** A header that was not taken: there may be a newer one. */
  readonly rejected?: string | undefined
}

interface Token {
  readonly header: string
}

/** Answers the first challenge we can answer; undefined when there is nothing to say. */
export async function authorize(
  asking: Asking,
  challenges: readonly Challenge[],
  authority: Authority,
): Promise<string | undefined> {
  const bearer = challenges.find((one) => one.kind === 'bearer')
  if (bearer) return bearerFor(asking, bearer, authority)
  if (challenges.length === 0) return undefined
  return basic(await authority.credentials(asking.name, authority.line.signal))
}

async function bearerFor(
  { name, scopes, rejected }: Asking,
  challenge: BearerChallenge,
  authority: Authority,
): Promise<string> {
  const { tokens } = authority
  const key = [name, challenge.realm, challenge.service, ...scopes].join(' ')
  const ask = (): Promise<Token> => once(tokens, key, () => newToken(name, { challenge, scopes }, authority))
  const known = await ask()
  if (known.header !== rejected) return known.header
  // Whoever comes first forgets it for all.
  if ((await tokens.get(key)) === known) tokens.delete(key)
  return (await ask()).header
}

async function newToken(
  registry: string,
  request: { readonly challenge: BearerChallenge; readonly scopes: readonly string[] },
  { credentials, line }: Authority,
): Promise<Token> {
  const credential = await credentials(registry, line.signal)
  const { token } = await fetchToken({ registry, credential, ...request }, line)
  return { header: `Bearer ${token}` }
}
