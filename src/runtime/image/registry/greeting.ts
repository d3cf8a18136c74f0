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
      const { headers, status, url } = await greetAt(base, undefined, line)
      // What speaks TLS answers so to whoever does not, or sends him there.
      const isForTls = base.protocol === 'http:' && (status === BAD_REQUEST || url.protocol === 'https:')
      if (!isForTls || addresses.length === 1) return { base, challenges: readChallenges(headers['www-authenticate']) }
      failure ??= speaksTls(base)
    } catch (error) {
      if (!(error instanceof DriverError) || error.code !== 'image-unreachable') throw error
      failure = error
    }
  }
  throw failure
}

function speaksTls({ host }: URL): DriverError {
  return new DriverError('image-unreachable', `"${host}" can't be reached: it does not speak HTTP without TLS`, {
    hint: 'check the port of the registry',
  })
}

export function greetAt(base: URL, authorization: string | undefined, line: Line): Promise<Answer> {
  return exchange({ method: 'GET', url: new URL('/v2/', base), authorization, maxBytes: GREETING_BYTES }, line)
}
