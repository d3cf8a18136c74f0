/** What commands that were killed have left in the state directories: taken away by the next one that changes something. */
import { containerNames, containersLock } from './container/names.ts'
import { removeWithVolumes } from './container/take-along.ts'
import { halfMadeNetworks, networksLock, sweepHalfMadeNetworks } from './network/create.ts'
import { networkNames } from './network/record.ts'
import type { Runtime } from './runtime.ts'
import { sweepHalfMade } from './state/half-made.ts'
import { underLock } from './state/lock.ts'
import { sweepNames } from './state/names.ts'

/** Two directory listings when there is nothing. A name is left behind only together with what it was to name. */
export async function sweepLeftovers(runtime: Runtime, signal: AbortSignal): Promise<void> {
  const { paths, native } = runtime
  if (await sweepHalfMade(runtime, (directory) => removeWithVolumes(runtime, directory, signal))) {
    await underLock(native().addon, containersLock(runtime, signal), () => sweepNames(containerNames(paths)))
  }
  if (halfMadeNetworks(runtime).length === 0) return
  await underLock(native().addon, networksLock(runtime, signal), () => {
    sweepHalfMadeNetworks(runtime)
    sweepNames(networkNames(paths))
  })
}
