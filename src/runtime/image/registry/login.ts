/** Logging in: shows the registry who asks, and keeps that for the next time where Docker looks for it too. */
import { DriverError } from '../../../driver/driver.ts'
import { HUB } from '../reference.ts'
import type { Credential } from './credential.ts'
import { eraseCredential, storeCredential } from './credential-program.ts'
import { changeConfig, type DockerConfig, dockerConfigPath, hostOf, keyOf, readConfig } from './docker-config.ts'
import { greet, greetAt } from './greeting.ts'
import { registryItself } from './hosts.ts'
import { outsideOf } from './outside.ts'
import { describeStatus } from './refusal.ts'
import { type Line, openLine } from './request.ts'
import { basic, fetchToken } from './token.ts'

export type Password = Extract<Credential, { readonly kind: 'password' }>

export interface LoginSetting {
  readonly env: NodeJS.ProcessEnv
  readonly signal: AbortSignal
}

const HUB_HOSTS = new Set([HUB, 'index.docker.io', 'registry-1.docker.io'])
const TIMEOUT_MS = 30_000

/** `https://ghcr.io/v2/` is `ghcr.io`; nothing is the Hub. */
export function registryNamed(server: string | undefined): string {
  const host = hostOf(server ?? HUB)
  return HUB_HOSTS.has(host) ? HUB : host
}

/** What to keep: the password, or the identity token that the registry gives in its place. */
export async function proveLogin(
  registry: string,
  password: Password,
  { env, signal }: LoginSetting,
): Promise<Credential> {
  const outside = outsideOf(env)
  const line = openLine(outside, { timeoutMs: TIMEOUT_MS, signal })
  const { base, challenges } = await greet(registryItself(registry, outside.settings), line)
  const bearer = challenges.find((one) => one.kind === 'bearer')
  if (bearer === undefined) {
    await proveAt(base, challenges.length === 0 ? undefined : basic(password), line)
    return password
  }
  const asked = { registry, challenge: bearer, credential: password, isOffline: true } as const
  const { token, identityToken } = await fetchToken(asked, line)
  await proveAt(base, `Bearer ${token}`, line)
  return identityToken === undefined ? password : { kind: 'identity-token', token: identityToken }
}

async function proveAt(base: URL, authorization: string | undefined, line: Line): Promise<void> {
  const answer = await greetAt(base, authorization, line)
  if (answer.status === 200) return
  const why = describeStatus(answer)
  if (answer.status !== 401 && answer.status !== 403)
    throw new DriverError('image-unreachable', `the login at "${base.host}" fails: ${why}`, { hint: 'try again later' })
  throw new DriverError('permission-denied', `"${base.host}" does not accept the login: ${why}`, {
    hint: 'check the name and the password',
  })
}

/** Returns the file in which the password can be read, where no program keeps it. */
export async function keepLogin(
  registry: string,
  login: { readonly username: string; readonly credential: Credential },
  { env, signal }: LoginSetting,
): Promise<string | undefined> {
  const path = dockerConfigPath(env)
  const key = keyOf(registry)
  const program = programFor(readConfig(path), key)
  if (program !== undefined) await storeCredential(program, login.credential, { key, path, env, signal })
  const entry = program === undefined ? entryOf(login) : {}
  changeConfig(path, (config) => ({ ...config, auths: { ...config.auths, [key]: entry } }))
  return program === undefined ? path : undefined
}

function entryOf({ username, credential }: { readonly username: string; readonly credential: Credential }) {
  const secret = credential.kind === 'password' ? credential.password : ''
  const auth = Buffer.from(`${username}:${secret}`).toString('base64')
  return { auth, ...(credential.kind === 'identity-token' ? { identitytoken: credential.token } : {}) }
}

/** Done when nobody was logged in. */
export async function forgetLogin(registry: string, { env, signal }: LoginSetting): Promise<void> {
  const path = dockerConfigPath(env)
  const config = readConfig(path)
  const key = keyOf(registry)
  const program = programFor(config, key)
  if (program !== undefined) await eraseCredential(program, { key, path, env, signal })
  const isMeant = (written: string): boolean => written === key || hostOf(written) === hostOf(key)
  if (!Object.keys(config.auths ?? {}).some(isMeant)) return
  changeConfig(path, ({ auths = {}, ...rest }) => ({
    ...rest,
    auths: Object.fromEntries(Object.entries(auths).filter(([written]) => !isMeant(written))),
  }))
}

function programFor({ credHelpers, credsStore }: DockerConfig, key: string): string | undefined {
  return credHelpers?.[key] || credsStore || undefined
}
