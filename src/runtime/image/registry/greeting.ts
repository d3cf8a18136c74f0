/** The first words with a registry: which address answers, and what it wants to see. */
import { DriverError } from '../../../driver/driver.ts'
import { type Challenge, readChallenges } from './challenge.ts'
import { type Answer, exchange } from './exchange.ts'
import type { Endpoint } from './hosts.ts'
import type { Line } from './request.ts'

export interface Session {
  readonly base: URL
  readonly challenges: readonly Challenge[]
}

const GREETING_BYTES = 1 << 16
const BAD_REQUEST = 400

/** The first address that answers at all. */
export async function greet({ addresses }: Endpoint, line: Line): Promise<Session> {
  let failure: unknown
  for (const base of addresses) {
    try {
      const { headers, status } = await greetAt(base, undefined, line)
      // What speaks TLS answers so to whoever does not: the first failure says more.
      if (status === BAD_REQUEST && failure !== undefined) break
      return { base, challenges: readChallenges(headers['www-authenticate']) }
    } catch (error) {
      if (!(error instanceof DriverError) || error.code !== 'image-unreachable') throw error
      failure = error
    }
  }
  throw failure
}

export function greetAt(base: URL, authorization: string | undefined, line: Line): Promise<Answer> {
  return exchange({ method: 'GET', url: new URL('/v2/', base), authorization, maxBytes: GREETING_BYTES }, line)
}
