/** Questions of a push, in the words that its parts need: what may pass is thrown to be tried again. */
import { DriverError } from '../../../driver/driver.ts'
import type { SendRequest } from '../registry/client.ts'
import type { Answer } from '../registry/exchange.ts'
import { refusalOf } from '../registry/fetch-document.ts'
import { refusePush } from '../registry/refusal.ts'
import { mayPass, passing } from '../registry/retry.ts'
import type { Shipment } from './shipment.ts'

const ANSWER_BYTES = 1 << 20
/** It may have to read all that it got once more before it says that it has it. */
const STORING_PATIENCE = 10

export type Sending = Omit<SendRequest, 'maxBytes' | 'patience'>

/** Any answer but those that may be another one the next time. */
export async function send({ client, target }: Shipment, request: Sending): Promise<Answer> {
  const patience = request.method === 'HEAD' ? 1 : STORING_PATIENCE
  const answer = await client
    .send(target, { ...request, maxBytes: ANSWER_BYTES, patience })
    .catch((error) => Promise.reject(passing(error)))
  if (mayPass(answer.status)) throw refusalOf(target, answer)
  return answer
}

/** 201 and its like; what a registry does not take is said in words about pushing. */
export function accepted({ target }: Shipment, answer: Answer): Answer {
  if (answer.status >= 200 && answer.status < 300) return answer
  throw refusePush(target, answer)
}

/** Where it is to be gone on: what a registry says of itself, however its proxy calls it. */
export function locationIn({ target }: Shipment, { headers, url }: Answer): string {
  const { location = '' } = headers
  const next = location !== '' && URL.canParse(location, url.href) ? new URL(location, url) : undefined
  if (next?.host === url.host) next.protocol = url.protocol
  if (next !== undefined && (next.protocol === 'https:' || url.protocol === 'http:')) return next.href
  throw new DriverError('refused', `registry "${target.registry}" gives no address that content can be sent to`, {
    hint: 'check that it is a registry, and what stands between it and you',
  })
}
