/** What a Docker daemon, or the way to it, refuses, in the words of a driver. It has no codes: only its sentences tell what is wrong. */
import { DriverError, type DriverErrorCode } from '../driver.ts'

interface Subject {
  readonly url: string
}

export function engineError(error: unknown, { url }: Subject): unknown {
  if (error instanceof DriverError) return error
  if (!(error instanceof Error)) return error
  if (error.name === 'AbortError' || error.name === 'TimeoutError')
    return new DriverError('cancelled', 'cancelled while the Docker daemon was asked', { cause: error })
  const unreachable = whyUnreachable(error as NodeJS.ErrnoException, url)
  return unreachable ?? refused(error as EngineFailure)
}

interface EngineFailure extends Error {
  readonly statusCode?: number
  readonly json?: unknown
}

function whyUnreachable(error: NodeJS.ErrnoException, url: string): DriverError | undefined {
  const options = { cause: error }
  switch (error.code) {
    case 'ENOENT':
    case 'ECONNREFUSED':
      return new DriverError('engine-unreachable', `no Docker daemon answers at "${url}"`, {
        ...options,
        hint: 'start it, or say where it is with DOCKER_HOST or "--context"; "--driver native" needs none',
      })
    case 'EACCES':
    case 'EPERM':
      return new DriverError('permission-denied', `no permission to talk to the Docker daemon at "${url}"`, {
        ...options,
        hint: 'become a member of the group "docker", or use "sudo"',
      })
    case undefined:
      return undefined
    default:
      return new DriverError('engine-unreachable', `the Docker daemon at "${url}" can't be reached: ${error.message}`, {
        ...options,
        hint: url.startsWith('ssh:')
          ? 'see whether "ssh HOST docker version" works there'
          : 'see whether its address, its certificates and the network are right',
      })
  }
}

/** The daemon's own sentence, without dockerode's words around it. */
export function sentenceOf({ json, message }: EngineFailure): string {
  if (typeof json === 'object' && json !== null && 'message' in json) return String(json.message).trim()
  return message.replace(/^\(HTTP code \d+\) \S.*? - /, '').trim()
}

/** The first that fits; words of the daemon (moby), of its runtime (runc) and of Podman. */
const SENTENCES: readonly (readonly [RegExp, DriverErrorCode])[] = [
  [/no such container|no container with name or id/i, 'container-not-found'],
  [/bind source path does not exist|statfs .*: no such file/i, 'mount-source-missing'],
  [/unable to find user|unable to find group|no matching entries in (passwd|group) file/i, 'user-unknown'],
  [
    /no such image|manifest.* (unknown|not found)|image not known|repository does not exist|pull access denied/i,
    'image-not-found',
  ],
  [/client version .* is too old/i, 'engine-unfit'],
  [/invalid reference format|repository name must be/i, 'bad-reference'],
  [/conflict: unable to (delete|remove repository reference)/i, 'image-in-use'],
  [/has active endpoints/i, 'network-in-use'],
  [/volume is in use|volume .* is being used/i, 'volume-in-use'],
  [/network .*not found|no such network/i, 'network-not-found'],
  [/no such volume|get .*: no such volume/i, 'volume-not-found'],
  [/name .*already in use|network with name .* already exists|conflict\. the container name/i, 'name-in-use'],
  [
    /port is already allocated|address already in use.*(bind|listen|expos)|(bind|listen|expos).*address already in use/is,
    'port-taken',
  ],
  [/address already in use/i, 'address-taken'],
  [/cannot expose privileged port|bind.*permission denied/is, 'port-forbidden'],
  [/non-overlapping|pool overlaps/i, 'pools-exhausted'],
  [
    /executable file not found|exec:? .*no such file or directory|stat .*no such file or directory/is,
    'executable-not-found',
  ],
  [/exec:? .*permission denied/is, 'executable-denied'],
  [/container .* is not running|can only create exec sessions on running/i, 'container-not-running'],
  [/no such host|connection refused|tls: |timeout exceeded|i\/o timeout|server misbehaving/i, 'image-unreachable'],
]

function refused(error: EngineFailure): DriverError {
  const sentence = sentenceOf(error)
  const code = SENTENCES.find(([pattern]) => pattern.test(sentence))?.[1] ?? 'refused'
  const path = code === 'mount-source-missing' ? /(?:does not exist: |statfs )(\/[^:]*)/.exec(sentence)?.[1] : undefined
  const name = code === 'name-in-use' ? /name "?\/?([^\s"]+)"? is already in use/.exec(sentence)?.[1] : undefined
  if (name !== undefined) return new DriverError(code, `a container named "${name}" exists already`, { cause: error })
  const message = path === undefined ? sentence : `"${path.trim()}", which is to be mounted, is not there`
  const hint = code === 'engine-unfit' ? { hint: 'update tscompose: the daemon is newer' } : {}
  return new DriverError(code, message, { cause: error, ...hint })
}

/** Whether the daemon said this with one of these statuses. */
export function hasStatus(error: unknown, ...statuses: readonly number[]): boolean {
  const cause = error instanceof DriverError ? error.cause : error
  return cause instanceof Error && 'statusCode' in cause && statuses.includes(Number(cause.statusCode))
}
