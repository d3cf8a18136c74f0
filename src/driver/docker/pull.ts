/** Has a daemon fetch an image, with the user's login. */
import { parseReference } from '../../runtime/image/reference.ts'
import { type Driver, DriverError, type PullEvent, type PullRequest } from '../driver.ts'
import type { Engine } from './engine.ts'
import { jsonLines } from './json-lines.ts'
import { loginFor, type News } from './registry.ts'

type Events = (event: PullEvent) => void

export function pullMethods(engine: Engine, env: NodeJS.ProcessEnv): Pick<Driver, 'pullImage'> {
  return { pullImage: (request, onEvent, signal) => pull(engine, { request, env, onEvent }, signal) }
}

interface Pull {
  readonly request: PullRequest
  readonly env: NodeJS.ProcessEnv
  readonly onEvent: Events
}

async function pull(engine: Engine, { request, env, onEvent }: Pull, signal: AbortSignal): Promise<void> {
  const { registry, repository, tag, digest } = parseReference(request.image)
  const stream = await engine.stream({
    method: 'POST',
    path: '/images/create',
    query: { fromImage: `${registry}/${repository}`, tag: digest ?? tag ?? 'latest', platform: request.platform },
    registryAuth: await loginFor(registry, env, signal),
    signal,
  })
  for await (const news of jsonLines<News>(stream)) take(news, request.image, onEvent)
  const path = `/images/${encodeURIComponent(request.image)}/json`
  onEvent({ kind: 'done', imageId: (await engine.json<{ readonly Id: string }>({ path, signal })).Id })
}

const STATUSES: Readonly<Record<string, Extract<PullEvent, { kind: 'layer' }>['status']>> = {
  'Pulling fs layer': 'waiting',
  Waiting: 'waiting',
  Downloading: 'downloading',
  'Verifying Checksum': 'downloading',
  'Download complete': 'downloading',
  Extracting: 'unpacking',
  'Pull complete': 'done',
  'Already exists': 'done',
}

function take({ id, status = '', progressDetail = {}, error }: News, image: string, onEvent: Events): void {
  if (error !== undefined) {
    const isMissing = /not found|manifest unknown|denied|does not exist/i.test(error)
    throw new DriverError(isMissing ? 'image-not-found' : 'image-unreachable', `image "${image}": ${error}`)
  }
  const known = STATUSES[status]
  if (id === undefined || known === undefined) return
  const { current = 0, total = 0 } = progressDetail
  onEvent({ kind: 'layer', digest: `sha256:${id}`, status: known, currentBytes: current, totalBytes: total })
}
