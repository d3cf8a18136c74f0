/** Where a Docker daemon listens, found as Docker's own command line finds it: flag, DOCKER_HOST, DOCKER_CONTEXT, the chosen context, the usual sockets. */
import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { sha256 } from '../../digests.ts'
import { DriverError } from '../driver.ts'

export interface TlsFiles {
  readonly ca?: Buffer
  readonly cert?: Buffer
  readonly key?: Buffer
  /** False takes any certificate. */
  readonly verify: boolean
}

export type Endpoint =
  | { readonly kind: 'unix'; readonly url: string; readonly socketPath: string }
  | {
      readonly kind: 'tcp'
      readonly url: string
      readonly host: string
      readonly port: number
      readonly tls: TlsFiles | undefined
    }
  | { readonly kind: 'ssh'; readonly url: string; readonly target: string; readonly port: string }

/** `refused` for an address or a context that makes no sense. Looks at files only. */
export function findEndpoint(env: NodeJS.ProcessEnv, contextName?: string): Endpoint {
  if (contextName !== undefined && contextName !== '' && contextName !== 'default') return ofContext(env, contextName)
  if (contextName !== 'default') {
    if (env.DOCKER_HOST) return parse(env.DOCKER_HOST, tlsOfEnvironment(env))
    const chosen = env.DOCKER_CONTEXT || currentContext(env)
    if (chosen && chosen !== 'default') return ofContext(env, chosen)
  }
  return parse(env.DOCKER_HOST || `unix://${usualSocket(env)}`, tlsOfEnvironment(env))
}

/** Docker's for everybody, then those of a user's own: Docker Desktop, rootless Docker, Podman. */
function usualSocket(env: NodeJS.ProcessEnv): string {
  const own = env.XDG_RUNTIME_DIR
  const places = [
    '/var/run/docker.sock',
    join(homeOf(env), '.docker', 'run', 'docker.sock'),
    ...(own ? [join(own, 'docker.sock'), join(own, 'podman', 'podman.sock')] : []),
    '/run/podman/podman.sock',
  ]
  return places.find((path) => existsSync(path)) ?? '/var/run/docker.sock'
}

const PORTS = { plain: 2375, tls: 2376 }

function parse(address: string, tls: TlsFiles | undefined): Endpoint {
  const text = address.includes('://') ? address : `tcp://${address}`
  if (text.startsWith('unix://')) {
    const socketPath = text.slice('unix://'.length) || '/var/run/docker.sock'
    return { kind: 'unix', url: `unix://${socketPath}`, socketPath }
  }
  const url = URL.canParse(text) ? new URL(text) : undefined
  const endpoint = url?.hostname ? (overSsh(url) ?? overTcp(url, tls)) : undefined
  if (endpoint !== undefined) return endpoint
  throw new DriverError('refused', `"${address}" is no address of a Docker daemon`, {
    hint: 'it looks like unix:///var/run/docker.sock, tcp://HOST:2376 or ssh://USER@HOST',
  })
}

/** What ssh would take for an option is nobody's host. */
function overSsh(url: URL): Endpoint | undefined {
  const target = url.username === '' ? url.hostname : `${decodeURIComponent(url.username)}@${url.hostname}`
  if (url.protocol !== 'ssh:' || target.startsWith('-')) return undefined
  return { kind: 'ssh', url: url.href, target, port: url.port }
}

function overTcp(url: URL, tls: TlsFiles | undefined): Endpoint | undefined {
  if (!/^(tcp|https?):$/.test(url.protocol)) return undefined
  const secure = tls ?? (url.protocol === 'https:' ? { verify: true } : undefined)
  const port = url.port === '' ? (secure ? PORTS.tls : PORTS.plain) : Number(url.port)
  return { kind: 'tcp', url: url.href, host: url.hostname, port, tls: secure }
}

function tlsOfEnvironment(env: NodeJS.ProcessEnv): TlsFiles | undefined {
  if (!env.DOCKER_TLS_VERIFY && !env.DOCKER_TLS) return undefined
  const folder = env.DOCKER_CERT_PATH || join(homeOf(env), '.docker')
  return { ...tlsIn(folder), verify: Boolean(env.DOCKER_TLS_VERIFY) }
}

function tlsIn(folder: string): Omit<TlsFiles, 'verify'> {
  const file = (name: string): Buffer | undefined => {
    const path = join(folder, `${name}.pem`)
    return existsSync(path) ? readFileSync(path) : undefined
  }
  const found = { ca: file('ca'), cert: file('cert'), key: file('key') }
  return Object.fromEntries(Object.entries(found).filter(([, content]) => content !== undefined))
}

const homeOf = (env: NodeJS.ProcessEnv): string => env.HOME || homedir()
const configFolder = (env: NodeJS.ProcessEnv): string => env.DOCKER_CONFIG || join(homeOf(env), '.docker')

function currentContext(env: NodeJS.ProcessEnv): string | undefined {
  const config = readJson(join(configFolder(env), 'config.json'))
  return typeof config?.currentContext === 'string' ? config.currentContext : undefined
}

/** A context is kept below the digest of its name. */
function ofContext(env: NodeJS.ProcessEnv, name: string): Endpoint {
  const id = sha256(name)
  const folder = join(configFolder(env), 'contexts')
  const meta = readJson(join(folder, 'meta', id, 'meta.json')) as ContextMeta | undefined
  const docker = meta?.Endpoints?.docker
  if (!docker?.Host) {
    throw new DriverError('refused', `there is no Docker context "${name}"`, {
      hint: 'see "docker context ls", or leave it out',
    })
  }
  const tls = tlsIn(join(folder, 'tls', id, 'docker'))
  const isSecure = Object.keys(tls).length > 0 || docker.SkipTLSVerify === true
  return parse(docker.Host, isSecure ? { ...tls, verify: docker.SkipTLSVerify !== true } : undefined)
}

interface ContextMeta {
  readonly Endpoints?: { readonly docker?: { readonly Host?: string; readonly SkipTLSVerify?: boolean } }
}

function readJson(path: string): Record<string, unknown> | undefined {
  if (!existsSync(path)) return undefined
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'))
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch (error) {
    throw new DriverError('refused', `"${path}" can't be read: ${(error as Error).message}`, { cause: error })
  }
}
