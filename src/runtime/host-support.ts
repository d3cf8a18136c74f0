/** Refuses a host on which no container can run, before anything is made: one clear message instead of a half-made project. */
import { DriverError } from '../driver/driver.ts'
import type { Runtime } from './runtime.ts'

export function refuseUnfitHost(runtime: Runtime): void {
  if (runtime.uid !== 0) refuseOrdinaryUser()
  const [first, ...others] = runtime.native().addon.hostSupport()
  if (first === undefined) return
  const more = others.length === 0 ? '' : ` (and ${others.map((one) => one.feature).join(', ')})`
  const message = `this kernel lacks "${first.feature}"${more}, needed for ${first.neededFor}`
  throw new DriverError('kernel-lacks', message, { hint: first.hint })
}

function refuseOrdinaryUser(): never {
  throw new DriverError('permission-denied', 'the native runtime can only be used by root so far', {
    hint: 'run the command with sudo; networks and ports below 1024 need root, the rest is to follow',
  })
}
