/** Manifests and configurations from a registry: read whole, tried again when a failure may pass, and never more than they say. */
import { DriverError } from '../../../driver/driver.ts'
import { digestOf } from '../blob.ts'
import { familiarName, type Reference } from '../reference.ts'
import type { RegistryClient } from './client.ts'
import type { Answer } from './exchange.ts'
import { refuseImage } from './refusal.ts'
import { mayPass, Passing, passing, retryAfterMs } from './retry.ts'

export interface DocumentRequest {
  /** `manifests/latest`. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly maxBytes: number
  /** Verified when it is known. */
  readonly digest?: string | undefined
}

export function fetchDocument(client: RegistryClient, reference: Reference, request: DocumentRequest): Promise<Answer> {
  return client.retrying(async () => {
    const answer = await client
      .ask(reference, { ...request, method: 'GET' })
      .catch((error) => Promise.reject(passing(error)))
    if (answer.status !== 200) throw refusalOf(reference, answer)
    if (request.digest !== undefined && digestOf(answer.body) !== request.digest)
      throw new Passing(damaged(reference, request.digest))
    return answer
  })
}

export function refusalOf(reference: Reference, answer: Answer): DriverError | Passing {
  const refusal = refuseImage(reference, answer)
  return mayPass(answer.status)
    ? new Passing(refusal, retryAfterMs(answer.headers['retry-after'], Date.now()))
    : refusal
}

function damaged(reference: Reference, digest: string): DriverError {
  return new DriverError(
    'refused',
    `registry "${reference.registry}" sends something else than "${digest}" of image "${familiarName(reference)}"`,
    { hint: 'try again; what it sends is not what its digest says' },
  )
}
