/** Refuses a host on which no container can run, before anything is made: one clear message instead of a half-made project. */
import { DriverError } from '../driver/driver.ts'
import type { Runtime } from './runtime.ts'

export function refuseUnfitHost(runtime: Runtime): void {
  if (runtime.uid !== 0) refuseOrdinaryUser()
  const { addon } = runtime.native()
  const [first, ...others] = addon.hostSupport()
  if (first === undefined) {
    if (addon.isChrooted()) refuseChroot()
    return
  }
  const more = others.length === 0 ? '' : ` (and ${others.map((one) => one.feature).join(', ')})`
  const message = `this kernel lacks "${first.feature}"${more}, needed for ${first.neededFor}`
  throw new DriverError('kernel-lacks', message, { hint: first.hint })
}

/** The sandbox leaves a chroot before it changes the root (ADR 8); that nothing rests on this alone is worth a refusal. */
function refuseChroot(): never {
  throw new DriverError(
    'unsupported',
    '"/" is a chroot here, and a container\'s root would have to be made from what lies outside of it',
    {
      hint: 'enter the directory by pivot_root instead, for example with "systemd-nspawn -D DIRECTORY" or a container',
    },
  )
}

function refuseOrdinaryUser(): never {
  throw new DriverError('permission-denied', 'the native runtime can only be used by root so far', {
    hint: 'run the command with sudo; networks and ports below 1024 need root, the rest is to follow',
  })
}
