/** One question to a registry and its whole answer, which has a size and a time it must keep to. Knows nothing of images. */
import type { IncomingMessage } from 'node:http'
import { DriverError } from '../../../driver/driver.ts'
import { follow, type Line, locationOf, type Question, startRequest } from './request.ts'
import { unreachable } from './unreachable.ts'

export interface ShortQuestion extends Question {
  /** Of the answer. */
  readonly maxBytes: number
  /** How many times the line's time the answer may take: what was sent has to be stored. */
  readonly patience?: number
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
  const { maxBytes, patience = 1 } = question
  return follow(question, (asked) => ask({ ...asked, maxBytes, patience }, line), {
    location: ({ status, headers }) => locationOf(status, headers.location),
    leave: () => undefined,
  })
}

async function ask(question: ShortQuestion, line: Line): Promise<Answer> {
  const { signal } = line
  const timeoutMs = line.timeoutMs * (question.patience ?? 1)
  const { limit, asked } = limited(question, timeoutMs)
  try {
    const response = await startRequest(asked, line, AbortSignal.any([signal, limit]))
    const body = await readAll(response, question.url, question.maxBytes)
    return { status: response.statusCode ?? 0, headers: flatHeaders(response), body, url: question.url }
  } catch (error) {
    if (signal.aborted || error instanceof DriverError) throw error
    throw unreachable(question.url, error as Error, limit.aborted ? timeoutMs : undefined)
  }
}

/** What is sent takes as long as it takes, while something moves. */
function limited(question: Question, timeoutMs: number): { readonly limit: AbortSignal; readonly asked: Question } {
  const { body } = question
  if (typeof body !== 'object') return { limit: AbortSignal.timeout(timeoutMs), asked: question }
  const silence = new AbortController()
  const timer = setTimeout(() => silence.abort(), timeoutMs).unref()
  const onBytes = (bytes: number): void => {
    timer.refresh()
    body.onBytes(bytes)
  }
  return { limit: silence.signal, asked: { ...question, body: { ...body, onBytes } } }
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
