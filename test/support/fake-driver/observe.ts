/** What exists; and the lock that keeps two writers of one project apart. */
import { type Driver, LABEL, type LockWait, type Observed, type ObservedContainer } from '../../../src/driver/driver.ts'
import { rejectWhenAborted } from './cancel.ts'
import type { World } from './world.ts'

type Methods = Pick<Driver, 'lockProject' | 'findStranded' | 'observeEverywhere' | 'observe'>

export function observeMethods(world: World): Methods {
  return {
    async lockProject(projectName: string, signal: AbortSignal, onWait?: LockWait): Promise<() => Promise<void>> {
      await world.enter('lockProject', projectName, signal)
      if (world.locks.has(projectName)) onWait?.(process.pid)
      while (world.locks.has(projectName)) {
        await Promise.race([world.locks.get(projectName), rejectWhenAborted(signal)])
      }
      let unlock = (): void => undefined
      world.locks.set(
        projectName,
        new Promise((resolve) => {
          unlock = resolve
        }),
      )
      return async () => {
        world.locks.delete(projectName)
        unlock()
      }
    },

    async findStranded(signal: AbortSignal): Promise<readonly ObservedContainer[]> {
      await world.enter('findStranded', '', signal)
      return []
    },

    async observeEverywhere(signal: AbortSignal): Promise<readonly ObservedContainer[]> {
      await world.enter('observeEverywhere', '', signal)
      return world.everything().containers.filter((one) => one.labels[LABEL.project] !== undefined)
    },

    async observe(projectName: string, signal: AbortSignal): Promise<Observed> {
      await world.enter('observe', projectName, signal)
      const isOurs = (one: { readonly labels: Readonly<Record<string, string>> }): boolean =>
        one.labels[LABEL.project] === projectName
      const { containers, networks, volumes } = world.everything()
      return {
        containers: containers.filter(isOurs),
        networks: networks.filter(isOurs),
        volumes: volumes.filter(isOurs),
      }
    },
  }
}
