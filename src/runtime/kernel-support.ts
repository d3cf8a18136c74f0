/** Refuses a kernel that can't run containers, before anything is made. */
import { DriverError } from '../driver/driver.ts'
import type { Runtime } from './runtime.ts'

export function refuseLackingKernel({ native }: Runtime): void {
  const [first, ...others] = native().addon.hostSupport()
  if (first === undefined) return
  const more = others.length === 0 ? '' : ` (and ${others.map((one) => one.feature).join(', ')})`
  const message = `this kernel lacks "${first.feature}"${more}, needed for ${first.neededFor}`
  throw new DriverError('kernel-lacks', message, { hint: first.hint })
}
