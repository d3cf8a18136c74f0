/** Has a daemon fetch an image, with the user's login. */
import { parseReference } from '../../runtime/image/reference.ts'
import { userCredentials } from '../../runtime/image/registry/credentials.ts'
import { type Driver, DriverError, type PullEvent, type PullRequest } from '../driver.ts'
import type { Engine } from './engine.ts'

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
    registryAuth: await authOf(registry, env, signal),
    signal,
  })
  let text = ''
  for await (const piece of stream) {
    text += String(piece)
    const lines = text.split('\n')
    text = lines.pop() ?? ''
    for (const line of lines) if (line.trim() !== '') take(JSON.parse(line) as Progress, request.image, onEvent)
  }
  const path = `/images/${encodeURIComponent(request.image)}/json`
  onEvent({ kind: 'done', imageId: (await engine.json<{ readonly Id: string }>({ path, signal })).Id })
}

interface Progress {
  readonly id?: string
  readonly status?: string
  readonly progressDetail?: { readonly current?: number; readonly total?: number }
  readonly error?: string
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

function take({ id, status = '', progressDetail = {}, error }: Progress, image: string, onEvent: Events): void {
  if (error !== undefined) {
    const isMissing = /not found|manifest unknown|denied|does not exist/i.test(error)
    throw new DriverError(isMissing ? 'image-not-found' : 'image-unreachable', `image "${image}": ${error}`)
  }
  const known = STATUSES[status]
  if (id === undefined || known === undefined) return
  const { current = 0, total = 0 } = progressDetail
  onEvent({ kind: 'layer', digest: `sha256:${id}`, status: known, currentBytes: current, totalBytes: total })
}

async function authOf(registry: string, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<string> {
  const found = await userCredentials(env)(registry, signal)
  const serveraddress = registry
  const shown =
    found === undefined
      ? {}
      : found.kind === 'password'
        ? { username: found.username, password: found.password, serveraddress }
        : found.kind === 'identity-token'
          ? { identitytoken: found.token, serveraddress }
          : { registrytoken: found.token, serveraddress }
  return Buffer.from(JSON.stringify(shown)).toString('base64url')
}
