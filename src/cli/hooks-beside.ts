/** Runs hooks in a container that is started to be listened to, as soon as it runs: nobody but its own program is heard. */
import type { Driver } from '../driver/driver.ts'
import type { HookRun } from '../planner/hooks.ts'
import { type HookSite, isOfEnded, NOBODY, runHooks } from '../planner/run-hooks.ts'

interface Beside {
  readonly driver: Driver
  readonly hooks: readonly HookRun[]
  readonly site: HookSite
}

/** A hook that fails ends the container, and is what went wrong. */
export async function withHooks<T>(beside: Beside, use: () => Promise<T>): Promise<T> {
  if (beside.hooks.length === 0) return use()
  const over = new AbortController()
  let failure: { readonly error: unknown } | undefined
  const running = runOnceRunning(beside, over.signal).catch((error: unknown) => {
    if (!over.signal.aborted && !isOfEnded(error)) failure = { error }
  })
  const settle = async (): Promise<void> => {
    over.abort()
    await running
    if (failure !== undefined) throw failure.error
  }
  try {
    const result = await use()
    await settle()
    return result
  } catch (error) {
    await settle()
    throw error
  }
}

async function runOnceRunning({ driver, hooks, site }: Beside, signal: AbortSignal): Promise<void> {
  for await (const { status } of driver.watchContainer(site.containerId, signal)) {
    if (status === 'created') continue
    try {
      if (status === 'running') await runHooks(hooks, site, { driver, hookListener: NOBODY, signal })
    } catch (error) {
      // What has ended by itself took its hooks along, and that is no failure of theirs.
      await driver.killContainer(site.containerId, 'SIGKILL', signal)
      throw error
    }
    return
  }
}
