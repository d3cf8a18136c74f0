/** Who the user is to a registry, by the files that `docker login` writes. */
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { DriverError } from '../../../driver/driver.ts'
import { isMissing } from '../../state/record-file.ts'
import { HUB } from '../reference.ts'
import type { Credential } from './credential.ts'
import { askCredentialProgram } from './credential-program.ts'

/** Undefined for a registry where the user never logged in. */
export type FindCredential = (registry: string, signal: AbortSignal) => Promise<Credential | undefined>

/** Docker's configuration, read when a registry asks for it and not before. */
export function dockerCredentials(env: NodeJS.ProcessEnv): FindCredential {
  const path = join(env.DOCKER_CONFIG || join(env.HOME || homedir(), '.docker'), 'config.json')
  let config: Promise<DockerConfig> | undefined
  return async (registry, signal) => {
    config ??= readConfig(path)
    const { credsStore, credHelpers = {}, auths = {} } = await config
    const key = keyOf(registry)
    const program = credHelpers[key] ?? credsStore
    if (program) return askCredentialProgram(program, { key, path, env, signal })
    const entry = auths[key] ?? Object.entries(auths).find(([written]) => hostOf(written) === hostOf(key))?.[1]
    return entry && credentialOf(entry)
  }
}

interface DockerConfig {
  readonly auths?: Readonly<Record<string, AuthEntry>>
  readonly credsStore?: string
  readonly credHelpers?: Readonly<Record<string, string>>
}

interface AuthEntry {
  /** `username:password` in base64. */
  readonly auth?: string
  readonly username?: string
  readonly password?: string
  readonly identitytoken?: string
  readonly registrytoken?: string
}

async function readConfig(path: string): Promise<DockerConfig> {
  try {
    const config: unknown = JSON.parse(await readFile(path, 'utf8'))
    if (typeof config === 'object' && config !== null) return config
    throw new SyntaxError('it is no object')
  } catch (cause) {
    if (isMissing(cause)) return {}
    throw new DriverError('refused', `"${path}" can't be read: ${(cause as Error).message}`, {
      hint: 'put it right, or name the folder of another one with DOCKER_CONFIG',
      cause,
    })
  }
}

/** The Hub is known by the address of its first version. */
const keyOf = (registry: string): string => (registry === HUB ? 'https://index.docker.io/v1/' : registry)

/** Old entries are written as addresses. */
const hostOf = (key: string): string => key.replace(/^https?:\/\//, '').replace(/\/.*$/, '')

function credentialOf(entry: AuthEntry): Credential | undefined {
  const { identitytoken, registrytoken } = entry
  if (identitytoken) return { kind: 'identity-token', token: identitytoken }
  if (registrytoken) return { kind: 'registry-token', token: registrytoken }
  const decoded = Buffer.from(entry.auth ?? '', 'base64').toString()
  const colon = decoded.indexOf(':')
  const username = colon > 0 ? decoded.slice(0, colon) : entry.username
  const password = colon > 0 ? decoded.slice(colon + 1).replace(/\0+$/, '') : entry.password
  return username ? { kind: 'password', username, password: password ?? '' } : undefined
}
