/** One question to a registry and its whole answer, which has a size and a time it must keep to. Knows nothing of images. */
import type { IncomingMessage } from 'node:http'
import { DriverError } from '../../../driver/driver.ts'
import { follow, type Line, locationOf, type Question, startRequest } from './request.ts'
import { unreachable } from './unreachable.ts'

export interface ShortQuestion extends Question {
  readonly maxBytes: number
}

export interface Answer {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  /** Who gave it, after redirects. */
  readonly url: URL
}

/** Any answer with a status is an answer; fails with `image-unreachable` when there is none. */
export function exchange(question: ShortQuestion, line: Line): Promise<Answer> {
  return follow(question, (asked) => ask({ ...asked, maxBytes: question.maxBytes }, line), {
    location: ({ status, headers }) => locationOf(status, headers.location),
    leave: () => undefined,
  })
}

async function ask(question: ShortQuestion, line: Line): Promise<Answer> {
  const { timeoutMs, signal } = line
  const limit = AbortSignal.timeout(timeoutMs)
  try {
    const response = await startRequest(question, line, AbortSignal.any([signal, limit]))
    const body = await readAll(response, question.url, question.maxBytes)
    return { status: response.statusCode ?? 0, headers: flatHeaders(response), body, url: question.url }
  } catch (error) {
    if (signal.aborted || error instanceof DriverError) throw error
    throw unreachable(question.url, error as Error, limit.aborted ? timeoutMs : undefined)
  }
}

export async function readAll(response: IncomingMessage, { host }: URL, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  // Leaving the loop early closes the connection.
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxBytes) throw new DriverError('refused', `"${host}" sends more than the ${maxBytes} bytes it may`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

export function flatHeaders({ headers }: IncomingMessage): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value].flat().join(', ')]))
}
