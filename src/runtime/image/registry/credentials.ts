/** Who the user is to a registry, by the files of Docker and of the containers tools. */
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Credential } from './credential.ts'
import { askCredentialProgram } from './credential-program.ts'
import { type AuthEntry, type DockerConfig, dockerConfigPath, hostOf, keyOf, readConfig } from './docker-config.ts'

/** Undefined for a registry where the user never logged in. */
export type FindCredential = (registry: string, signal: AbortSignal) => Promise<Credential | undefined>

/** The files are read when a registry asks for somebody and not before; Docker's comes first. */
export function userCredentials(env: NodeJS.ProcessEnv): FindCredential {
  let files: readonly File[] | undefined
  return async (registry, signal) => {
    files ??= [
      { path: dockerConfigPath(env), config: readConfig(dockerConfigPath(env)) },
      ...containersPaths(env).map((path) => ({ path, config: readConfig(path, 'REGISTRY_AUTH_FILE') })),
    ]
    for (const file of files) {
      const found = await credentialIn(file, registry, { env, signal })
      if (found !== undefined) return found
    }
    return undefined
  }
}

interface File {
  readonly path: string
  readonly config: DockerConfig
}

/** Where podman, buildah and skopeo keep their logins: containers-auth.json(5). */
function containersPaths(env: NodeJS.ProcessEnv): readonly string[] {
  if (env.REGISTRY_AUTH_FILE) return [env.REGISTRY_AUTH_FILE]
  const configHome = env.XDG_CONFIG_HOME || join(env.HOME || homedir(), '.config')
  const folders = [...(env.XDG_RUNTIME_DIR ? [env.XDG_RUNTIME_DIR] : []), configHome]
  return folders.map((folder) => join(folder, 'containers', 'auth.json'))
}

async function credentialIn(
  { path, config }: File,
  registry: string,
  { env, signal }: { readonly env: NodeJS.ProcessEnv; readonly signal: AbortSignal },
): Promise<Credential | undefined> {
  const { credHelpers = {}, credsStore, auths = {} } = config
  // The containers tools know the Hub by its name.
  const keys = [keyOf(registry), registry]
  const key = keys.find((one) => one in auths || one in credHelpers) ?? keyOf(registry)
  const program = credHelpers[key] ?? credsStore
  if (program) return askCredentialProgram(program, { key, path, env, signal })
  const entry = auths[key] ?? Object.entries(auths).find(([written]) => hostOf(written) === hostOf(key))?.[1]
  return entry && credentialOf(entry)
}

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
