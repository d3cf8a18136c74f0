/** What lies between us and registries: the user's settings, whom TLS trusts, and proxies. */
import { type FindProxy, proxiesOf } from './proxy.ts'
import { NO_SETTINGS, type RegistrySettings, readSettings } from './settings.ts'
import { type Trust, trustOf } from './trust.ts'

export interface Outside {
  readonly settings: RegistrySettings
  readonly trust: Trust
  readonly proxyFor: FindProxy
}

export function outsideOf(env: NodeJS.ProcessEnv): Outside {
  return { settings: readSettings(env), trust: trustOf(env), proxyFor: proxiesOf(env) }
}

/** Nothing in between, and nothing said about it. */
export function nothingBetween(): Outside {
  return { settings: NO_SETTINGS, trust: trustOf({}), proxyFor: () => undefined }
}
