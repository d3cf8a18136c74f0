/** The beginning of a long answer: who reads it decides how fast it comes. A pause longer than the line's time ends it. */
import type { IncomingMessage } from 'node:http'
import { DriverError } from '../../../driver/driver.ts'
import { type Answer, flatHeaders, readAll } from './exchange.ts'
import { follow, type Line, locationOf, type Question, startRequest } from './request.ts'
import { unreachable } from './unreachable.ts'

export interface Download {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly stream: IncomingMessage
  readonly url: URL
}

const REFUSAL_BYTES = 1 << 16

export function startDownload(question: Question, line: Line): Promise<Download> {
  return follow(question, (asked) => start(asked, line), {
    location: ({ status, headers }) => locationOf(status, headers.location),
    leave: ({ stream }) => stream.resume(),
  })
}

async function start(question: Question, line: Line): Promise<Download> {
  const { signal, timeoutMs } = line
  const limit = AbortSignal.timeout(timeoutMs)
  // The time counts until the head is there: the body takes as long as it takes.
  const stop = new AbortController()
  const onLimit = (): void => stop.abort(limit.reason)
  limit.addEventListener('abort', onLimit)
  try {
    const stream = await startRequest(question, line, AbortSignal.any([signal, stop.signal]))
    stream.setTimeout(timeoutMs, () => stream.destroy(unreachable(question.url, new Error('silence'), timeoutMs)))
    return { status: stream.statusCode ?? 0, headers: flatHeaders(stream), stream, url: question.url }
  } catch (error) {
    if (signal.aborted || error instanceof DriverError) throw error
    throw unreachable(question.url, error as Error, limit.aborted ? timeoutMs : undefined)
  } finally {
    limit.removeEventListener('abort', onLimit)
  }
}

/** A refusal in place of the content, read to its end. */
export async function readRefusal({ stream, status, headers, url }: Download): Promise<Answer> {
  return { status, headers, url, body: await readAll(stream, url, REFUSAL_BYTES).catch(() => Buffer.alloc(0)) }
}
