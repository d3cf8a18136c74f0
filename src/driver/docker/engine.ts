/** Calls on a Docker daemon's API, through dockerode's transport. The first one agrees on a version that both sides know. */
import type { Agent, IncomingMessage } from 'node:http'
import type { Duplex, Readable } from 'node:stream'
import Dockerode from 'dockerode'
import { DriverError } from '../driver.ts'
import { plainAgent, secureAgent, sshAgent } from './agent.ts'
import { defined } from './defined.ts'
import type { Endpoint } from './endpoint.ts'
import { engineError } from './refusals.ts'

/** What was looked at when this was written; a newer daemon is spoken to in this version. */
const NEWEST = '1.51'
/** Of Docker 19.03: older ones lack what a container is created with. Podman 4 says 1.41. */
const OLDEST = '1.40'

export interface EngineRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD'
  /** Without the version, such as `/containers/json`. */
  readonly path: string
  readonly query?: Readonly<Record<string, unknown>>
  readonly body?: unknown
  /** The body as it is: an archive. */
  readonly file?: Readable
  /** `X-Registry-Auth`, encoded. */
  readonly registryAuth?: string
  readonly signal: AbortSignal
}

export interface Engine {
  /** `unix:///var/run/docker.sock`: for messages. */
  readonly url: string
  /** Whether the daemon's API is at least this new: `1.44`. */
  readonly knows: (version: string, signal: AbortSignal) => Promise<boolean>
  readonly json: <T>(request: EngineRequest) => Promise<T>
  readonly stream: (request: EngineRequest) => Promise<Readable>
  /** A connection in both directions. */
  readonly hijack: (request: EngineRequest) => Promise<Duplex>
}

/** What of dockerode's transport is used; its types say less than it takes. */
interface Modem {
  version?: string
  dial(options: Readonly<Record<string, unknown>>, callback: (error: unknown, result: never) => void): void
}

export function openEngine(endpoint: Endpoint): Engine {
  const modem = openModem(endpoint)
  let agreed: Promise<string> | undefined
  const dial = async <T>(request: EngineRequest, kind: 'json' | 'stream' | 'hijack'): Promise<T> => {
    agreed ??= agree(modem, endpoint, request.signal)
    modem.version = `v${await agreed}`
    return call<T>(modem, endpoint, request, kind)
  }
  return {
    url: endpoint.url,
    knows: async (version, signal) => {
      agreed ??= agree(modem, endpoint, signal)
      return compareVersions(await agreed, version) >= 0
    },
    json: (request) => dial(request, 'json'),
    stream: (request) => dial(request, 'stream'),
    hijack: (request) => dial(request, 'hijack'),
  }
}

/** The transport would read DOCKER_HOST and certificates by itself, and prefer those to a context's. */
function openModem(endpoint: Endpoint): Modem {
  const { DOCKER_HOST: host } = process.env
  delete process.env.DOCKER_HOST
  try {
    return (new Dockerode(optionsOf(endpoint)) as unknown as { readonly modem: Modem }).modem
  } finally {
    if (host !== undefined) process.env.DOCKER_HOST = host
  }
}

async function agree(modem: Modem, endpoint: Endpoint, signal: AbortSignal): Promise<string> {
  const theirs = (await pinged(modem, endpoint, signal)) ?? (await told(modem, endpoint, signal))
  if (compareVersions(theirs, OLDEST) < 0)
    throw mismatch(endpoint, `speaks API ${theirs}`, `update it: ${OLDEST} is needed`)
  return compareVersions(theirs, NEWEST) < 0 ? theirs : NEWEST
}

/** Asks for nothing else: for its whole version a daemon runs the programs of its runtime. */
async function pinged(modem: Modem, endpoint: Endpoint, signal: AbortSignal): Promise<string | undefined> {
  const answer = await call<IncomingMessage>(modem, endpoint, { path: '/_ping', signal }, 'stream')
  answer.resume()
  const version = answer.headers['api-version']
  return typeof version === 'string' ? version : undefined
}

async function told(modem: Modem, endpoint: Endpoint, signal: AbortSignal): Promise<string> {
  const request = { path: '/version', signal }
  return (await call<{ readonly ApiVersion?: string }>(modem, endpoint, request, 'json')).ApiVersion ?? '1.24'
}

function mismatch({ url }: Endpoint, what: string, hint: string): DriverError {
  return new DriverError('engine-unfit', `the Docker daemon at "${url}" ${what}`, { hint })
}

export function compareVersions(a: string, b: string): number {
  const [left = [], right = []] = [a, b].map((text) => text.split('.').map(Number))
  return (left[0] ?? 0) - (right[0] ?? 0) || (left[1] ?? 0) - (right[1] ?? 0)
}

/** A request that stays open is sent with its first bytes; what they are the daemon does not look at. */
const HEADERS_GO = { stream: true }

const FINE = Object.fromEntries([101, 200, 201, 202, 204, 304].map((status) => [status, true]))

function call<T>(
  modem: Modem,
  endpoint: Endpoint,
  request: EngineRequest,
  kind: 'json' | 'stream' | 'hijack',
): Promise<T> {
  const { method = 'GET', path, query = {}, body, file, registryAuth, signal } = request
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(engineError(signal.reason, endpoint))
    modem.dial(
      {
        path: `${path}?`,
        method,
        options: { _query: defined(query), _body: body ?? (kind === 'hijack' ? HEADERS_GO : {}) },
        statusCodes: FINE,
        isStream: kind !== 'json',
        hijack: kind === 'hijack',
        openStdin: kind === 'hijack',
        abortSignal: signal,
        ...(file && { file }),
        ...(registryAuth && { authconfig: { base64: registryAuth } }),
      },
      (error, result) => (error ? reject(engineError(error, endpoint)) : resolve(result)),
    )
  })
}

function optionsOf(endpoint: Endpoint): Dockerode.DockerOptions & { readonly agent?: Agent } {
  switch (endpoint.kind) {
    case 'unix':
      return { socketPath: endpoint.socketPath, agent: plainAgent() }
    case 'tcp': {
      const { host, port, tls } = endpoint
      if (tls === undefined) return { host, port, protocol: 'http', agent: plainAgent() }
      const { verify, ...files } = tls
      return {
        host,
        port,
        protocol: 'https',
        agent: secureAgent(),
        ...files,
        ...(verify ? {} : { checkServerIdentity: () => undefined }),
      } as Dockerode.DockerOptions
    }
    case 'ssh':
      return { host: 'docker', port: 80, protocol: 'http', agent: sshAgent(endpoint.target, endpoint.port) }
  }
}
