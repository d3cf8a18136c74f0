/** What BuildKit tells of a build (`StatusResponse` in its control.proto), as lines like those of its plain display. */
import { fieldsOf } from './protobuf.ts'

/** One thing that a build does. */
interface Vertex {
  readonly digest: string
  readonly name: string
  readonly isCached: boolean
  /** Unix time in seconds. */
  readonly started: number | undefined
  readonly completed: number | undefined
  readonly error: string
}

interface Known {
  readonly number: number
  said: 'nothing' | 'name' | 'end'
  startedAt: number
}

export interface TraceReader {
  /** The lines that one message adds. */
  readonly read: (message: Buffer) => readonly string[]
}

export function createTraceReader(): TraceReader {
  const known = new Map<string, Known>()
  const knownOf = (digest: string): Known => {
    const one = known.get(digest) ?? { number: known.size + 1, said: 'nothing', startedAt: 0 }
    known.set(digest, one)
    return one
  }
  return {
    read: (message) => {
      const lines: string[] = []
      for (const field of fieldsOf(message)) {
        if (field.kind !== 'bytes') continue
        if (field.number === 1) {
          const vertex = vertexIn(field.value)
          lines.push(...linesOf(vertex, knownOf(vertex.digest)))
        } else if (field.number === 3) {
          const { digest, text } = logIn(field.value)
          const { number } = knownOf(digest)
          lines.push(
            ...text
              .replace(/\n$/, '')
              .split('\n')
              .map((line) => `#${number} ${line}`),
          )
        }
      }
      return lines
    },
  }
}

function linesOf({ name, isCached, started, completed, error }: Vertex, known: Known): readonly string[] {
  const lines: string[] = []
  const say = (text: string): void => void lines.push(`#${known.number} ${text}`)
  if (started !== undefined && known.said === 'nothing') {
    known.said = 'name'
    known.startedAt = started
    say(name)
  }
  if (completed !== undefined && known.said === 'name') {
    known.said = 'end'
    if (error !== '') say(`ERROR: ${error}`)
    else say(isCached ? 'CACHED' : `DONE ${(completed - known.startedAt).toFixed(1)}s`)
  }
  return lines
}

function vertexIn(message: Buffer): Vertex {
  const bytes = new Map<number, Buffer>()
  let isCached = false
  for (const { number, value } of fieldsOf(message)) {
    if (typeof value === 'object') bytes.set(number, value)
    else if (number === 4) isCached = value !== 0
  }
  const textOf = (number: number): string => bytes.get(number)?.toString() ?? ''
  const timeOf = (number: number): number | undefined => {
    const time = bytes.get(number)
    return time && secondsIn(time)
  }
  return { digest: textOf(1), name: textOf(3), isCached, started: timeOf(5), completed: timeOf(6), error: textOf(7) }
}

function logIn(message: Buffer): { readonly digest: string; readonly text: string } {
  const texts = new Map<number, string>()
  for (const { number, value } of fieldsOf(message)) if (typeof value === 'object') texts.set(number, value.toString())
  return { digest: texts.get(1) ?? '', text: texts.get(4) ?? '' }
}

/** A `Timestamp`: seconds and nanoseconds. */
function secondsIn(message: Buffer): number {
  let seconds = 0
  for (const { number, value } of fieldsOf(message))
    if (typeof value === 'number') seconds += number === 1 ? value : value / 1e9
  return seconds
}
