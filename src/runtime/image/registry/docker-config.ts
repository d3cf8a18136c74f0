/** Docker's configuration of a user, as far as it says who the user is; what else is in it stays as it is. */
import { mkdirSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { DriverError } from '../../../driver/driver.ts'
import { isMissing } from '../../state/record-file.ts'
import { HUB } from '../reference.ts'

export interface DockerConfig {
  readonly auths?: Readonly<Record<string, AuthEntry>>
  readonly credsStore?: string
  readonly credHelpers?: Readonly<Record<string, string>>
}

export interface AuthEntry {
  /** `username:password` in base64. */
  readonly auth?: string
  readonly username?: string
  readonly password?: string
  readonly identitytoken?: string
  readonly registrytoken?: string
}

export function dockerConfigPath(env: NodeJS.ProcessEnv): string {
  return join(env.DOCKER_CONFIG || join(env.HOME || homedir(), '.docker'), 'config.json')
}

/** Empty when there is no such file. */
export function readConfig(path: string, variable = 'DOCKER_CONFIG'): DockerConfig {
  try {
    const config: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (typeof config === 'object' && config !== null) return config
    throw new SyntaxError('it is no object')
  } catch (cause) {
    if (isMissing(cause)) return {}
    throw new DriverError('refused', `"${path}" can't be read: ${(cause as Error).message}`, {
      hint: `put it right, or name another one with ${variable}`,
      cause,
    })
  }
}

const PRIVATE_FILE = 0o600
const PRIVATE_DIRECTORY = 0o700

/** Whole or not at all, for its owner alone; where a link stands, the file that it leads to is written. */
export function changeConfig(path: string, change: (config: DockerConfig) => DockerConfig): void {
  const text = JSON.stringify(change(readConfig(path)), undefined, '\t')
  mkdirSync(dirname(path), { recursive: true, mode: PRIVATE_DIRECTORY })
  const target = realPath(path)
  const fresh = `${target}.${process.pid}`
  try {
    writeFileSync(fresh, text, { mode: PRIVATE_FILE, flag: 'wx' })
    renameSync(fresh, target)
  } catch (error) {
    rmSync(fresh, { force: true })
    throw error
  }
}

function realPath(path: string): string {
  return statSync(path, { throwIfNoEntry: false }) === undefined ? path : realpathSync(path)
}

/** The Hub is known by the address of its first version. */
export const keyOf = (registry: string): string => (registry === HUB ? HUB_KEY : registry)
export const HUB_KEY = 'https://index.docker.io/v1/'

/** Old entries are written as addresses. */
export const hostOf = (key: string): string => key.replace(/^https?:\/\//, '').replace(/\/.*$/, '')
