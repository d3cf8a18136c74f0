/** Who runs the containers, by flag, by environment, or by what this machine can. */
import type { DriverKind } from '../driver/open.ts'
import { Refusal } from './failure.ts'
import type { GlobalFlags } from './global-flags.ts'

/** A Docker context is a daemon's; where there is no Linux below, a daemon has it. */
export function chooseDriver(globals: Pick<GlobalFlags, 'driver' | 'context'>, env: NodeJS.ProcessEnv): DriverKind {
  const { driver, context } = globals
  if (driver === 'native' && context) throw new Refusal('--context is for the docker driver')
  const asked = driver ?? (context ? 'docker' : env.TSCOMPOSE_DRIVER)
  if (!asked) return process.platform === 'linux' ? 'native' : 'docker'
  if (asked === 'native' || asked === 'docker') return asked
  throw new Refusal(`TSCOMPOSE_DRIVER is "${asked}", and there is no such driver: it is "native" or "docker"`)
}
