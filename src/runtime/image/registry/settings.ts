/** The user's word on registries: `registry-mirrors` and `insecure-registries`, as Docker's daemon.json has them. */
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { DriverError } from '../../../driver/driver.ts'
import { isMissing } from '../../state/record-file.ts'
import { type HostSet, hostSet } from './host-set.ts'

export interface RegistrySettings {
  /** Asked before the Hub, in this order. */
  readonly mirrors: readonly URL[]
  /** Need no TLS, or no certificate that is trusted. */
  readonly insecure: HostSet
}

const SYSTEM_FILE = '/etc/tscompose/config.json'
const MIRRORS = 'registry-mirrors'
const INSECURE = 'insecure-registries'

export const NO_SETTINGS: RegistrySettings = { mirrors: [], insecure: hostSet([]) }

/** Of the machine and of the user, whose keys stand in place of the machine's; or of the one file that TSCOMPOSE_CONFIG names. */
export function readSettings(env: NodeJS.ProcessEnv): RegistrySettings {
  const own = join(env.XDG_CONFIG_HOME || join(env.HOME || homedir(), '.config'), 'tscompose', 'config.json')
  const paths = env.TSCOMPOSE_CONFIG ? [env.TSCOMPOSE_CONFIG] : [SYSTEM_FILE, own]
  const found = new Map(paths.flatMap((path) => entriesOf(path, path === env.TSCOMPOSE_CONFIG)))
  const lists = (key: string): readonly Entry[] => found.get(key) ?? []
  return {
    mirrors: lists(MIRRORS).map(mirrorOf),
    insecure: hostSet(lists(INSECURE).map(insecureOf)),
  }
}

interface Entry {
  readonly text: string
  readonly path: string
}

function entriesOf(path: string, isNamed: boolean): readonly (readonly [key: string, entries: readonly Entry[]])[] {
  return Object.entries(readObject(path, isNamed)).map(([key, value]) => {
    if (key !== MIRRORS && key !== INSECURE) throw refusal(path, `there is no setting "${key}"`)
    if (!(Array.isArray(value) && value.every((one) => typeof one === 'string')))
      throw refusal(path, `"${key}" is not a list of names`)
    return [key, value.map((text) => ({ text: text as string, path }))]
  })
}

function readObject(path: string, isNamed: boolean): object {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
    throw new SyntaxError('it is no object')
  } catch (error) {
    // Who names a file means one that is there.
    if (isMissing(error) && !isNamed) return {}
    throw refusal(path, (error as Error).message, error)
  }
}

function mirrorOf({ text, path }: Entry): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) throw refusal(path, `mirror "${text}" is no address`)
  const isPlain = url.pathname === '/' && url.search === '' && url.hash === '' && url.username === ''
  if (!isPlain) throw refusal(path, `mirror "${text}" has more than a host in it`)
  return url
}

function insecureOf({ text, path }: Entry): string {
  const host = text.replace(/^https?:\/\//, '')
  if (host === '' || (host.includes('/') && !/^[\d.a-fA-F:]+\/\d+$/.test(host)))
    throw refusal(path, `insecure registry "${text}" is neither a host nor a network`)
  return host
}

function refusal(path: string, why: string, cause?: unknown): DriverError {
  return new DriverError('refused', `"${path}" can't be used: ${why}`, {
    hint: `it takes "${MIRRORS}" and "${INSECURE}", both lists, as Docker's daemon.json has them`,
    cause,
  })
}
