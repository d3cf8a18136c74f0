/** Has a daemon send an image, with the user's login. */
import { parseReference } from '../../runtime/image/reference.ts'
import { type Driver, DriverError, type PushEvent, type PushRequest } from '../driver.ts'
import type { Engine } from './engine.ts'
import { jsonLines } from './json-lines.ts'
import { platformQuery } from './platform-query.ts'
import { loginFor, type News } from './registry.ts'

export function pushMethods(engine: Engine, env: NodeJS.ProcessEnv): Pick<Driver, 'pushImage'> {
  return { pushImage: (request, onEvent, signal) => push(engine, { request, env, onEvent }, signal) }
}

interface Push {
  readonly request: PushRequest
  readonly env: NodeJS.ProcessEnv
  readonly onEvent: (event: PushEvent) => void
}

async function push(engine: Engine, { request, env, onEvent }: Push, signal: AbortSignal): Promise<void> {
  const { registry, repository, tag, digest } = parseReference(request.image)
  if (digest !== undefined)
    throw new DriverError('bad-reference', `"${request.image}" is named by digest, and can't be pushed`)
  const name = request.image.replace(/:[^:/]+$/, '')
  const stream = await engine.stream({
    method: 'POST',
    path: `/images/${name}/push`,
    query: { tag: tag ?? 'latest', platform: platformQuery(request.platform) },
    registryAuth: await loginFor(registry, env, signal),
    signal,
  })
  let sent: News['aux']
  for await (const news of jsonLines<News>(stream)) {
    if (news.error !== undefined) throw refused(`${registry}/${repository}`, news.error)
    if (news.aux?.Digest !== undefined) sent = news.aux
    tell(news, onEvent)
  }
  onEvent({ kind: 'done', digest: sent?.Digest ?? '', sizeBytes: sent?.Size ?? 0 })
}

function refused(name: string, why: string): DriverError {
  const isDenied = /denied|unauthorized|no basic auth|authentication required/i.test(why)
  return new DriverError(isDenied ? 'permission-denied' : 'image-unreachable', `image "${name}": ${why}`, {
    hint: isDenied ? 'log in with "tscompose login"' : 'see whether the registry can be reached',
  })
}

const STATUSES: Readonly<Record<string, Extract<PushEvent, { kind: 'layer' }>['status']>> = {
  Preparing: 'waiting',
  Waiting: 'waiting',
  Pushing: 'pushing',
  Pushed: 'pushed',
  'Layer already exists': 'there',
}

function tell({ id, status = '', progressDetail = {} }: News, onEvent: Push['onEvent']): void {
  const from = /^Mounted from (.+)$/.exec(status)?.[1]
  const known = from === undefined ? STATUSES[status] : 'mounted'
  if (id === undefined || known === undefined) return
  const { current = 0, total = 0 } = progressDetail
  const common = {
    kind: 'layer',
    digest: `sha256:${id}`,
    status: known,
    currentBytes: current,
    totalBytes: total,
  } as const
  onEvent(from === undefined ? common : { ...common, from })
}
