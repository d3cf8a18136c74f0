/**
 * Has a daemon build an image: the context goes along with the request, and BuildKit needs no session for that. What needs one
 * (secrets, agents, further contexts) the planner refuses by name.
 */
import { Readable } from 'node:stream'
import { type BuildEvent, type BuildRequest, type Driver, DriverError } from '../../driver.ts'
import type { Engine } from '../engine.ts'
import { jsonLines } from '../json-lines.ts'
import { openContext } from './context.ts'
import { createTraceReader } from './trace.ts'

export function buildMethods(engine: Engine): Pick<Driver, 'buildImage'> {
  return { buildImage: (request, onEvent, signal) => build(engine, { request, onEvent }, signal) }
}

interface Build {
  readonly request: BuildRequest
  readonly onEvent: (event: BuildEvent) => void
}

/** One line of what the daemon says: BuildKit's messages, or an older builder's text. */
interface News {
  readonly id?: string
  readonly aux?: string | { readonly ID?: string }
  readonly stream?: string
  readonly error?: string
}

/** What it said last tells why. */
const LAST_LINES = 10

async function build(engine: Engine, { request, onEvent }: Build, signal: AbortSignal): Promise<void> {
  const isRemote = /^(https?|git|ssh):\/\/|^git@|^github\.com\//.test(request.context)
  const local = isRemote ? undefined : openContext(request)
  const news = await engine.stream({
    method: 'POST',
    path: '/build',
    query: queryOf(request, local?.dockerfile ?? request.dockerfile, isRemote),
    // A request without a body would be taken for one that has its context elsewhere.
    file: local?.archive ?? Readable.from([]),
    signal,
  })
  const trace = createTraceReader()
  const said: string[] = []
  let imageId: string | undefined
  for await (const one of jsonLines<News>(news)) {
    for (const line of linesOf(one, trace.read)) {
      said.push(line)
      onEvent({ kind: 'output', line })
    }
    if (typeof one.aux === 'object' && one.aux.ID !== undefined) imageId = one.aux.ID
    if (one.error !== undefined) throw failed(request, one.error, said.slice(-LAST_LINES))
  }
  if (imageId === undefined) throw failed(request, 'the daemon did not say what it has built', said.slice(-LAST_LINES))
  onEvent({ kind: 'done', imageId })
}

function linesOf({ id, aux, stream }: News, read: (message: Buffer) => readonly string[]): readonly string[] {
  if (id === 'moby.buildkit.trace' && typeof aux === 'string') return read(Buffer.from(aux, 'base64'))
  return (stream ?? '').split('\n').filter((line) => line.trim() !== '')
}

function failed({ image }: BuildRequest, why: string, last: readonly string[]): DriverError {
  return new DriverError('refused', `image "${image}" can't be built: ${why.trim()}`, {
    ...(last.length > 0 && { hint: `it said last:\n${last.map((line) => `    ${line}`).join('\n')}` }),
  })
}

function queryOf(request: BuildRequest, dockerfile: string, isRemote: boolean): Readonly<Record<string, unknown>> {
  const { image, tags, args, labels, target, platform, network, shmSizeBytes, extraHosts, cacheFrom } = request
  return {
    version: 2,
    t: [image, ...tags],
    remote: isRemote ? request.context : undefined,
    dockerfile,
    buildargs: JSON.stringify(args),
    labels: JSON.stringify(labels),
    target,
    platform,
    networkmode: network,
    shmsize: shmSizeBytes,
    extrahosts: extraHosts.length === 0 ? undefined : extraHosts,
    cachefrom: cacheFrom.length === 0 ? undefined : JSON.stringify(cacheFrom),
    nocache: request.noCache || undefined,
    pull: request.pull || undefined,
    rm: true,
  }
}
