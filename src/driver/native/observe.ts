/** What exists, read from the state files; and the lock that keeps two writers of one project apart. */
import { readFileSync, writeFileSync } from 'node:fs'
import { endedForRemoval, observeContainers } from '../../runtime/container/observe.ts'
import { removeContainer } from '../../runtime/container/remove.ts'
import { strandedContainerIds } from '../../runtime/container/stranded.ts'
import { refuseUnfitHost } from '../../runtime/host-support.ts'
import { sweepLeftovers } from '../../runtime/leftovers.ts'
import { listNetworks, observedNetwork } from '../../runtime/network/record.ts'
import { prepareDirectories, type Runtime } from '../../runtime/runtime.ts'
import { takeLock } from '../../runtime/state/lock.ts'
import { listVolumes, observedVolume } from '../../runtime/volume/record.ts'
import { type Driver, LABEL, type Labels } from '../driver.ts'
import { projectLockPath } from './project-lock.ts'

/** Who has written into the lock's file last. */
function holderOf(path: string): number | undefined {
  return Number.parseInt(readFileSync(path, 'utf8'), 10) || undefined
}

export function observeMethods(
  runtime: Runtime,
): Pick<Driver, 'lockProject' | 'observe' | 'observeEverywhere' | 'findStranded'> {
  const { paths } = runtime
  return {
    lockProject: async (projectName, signal, onWait) => {
      refuseUnfitHost(runtime)
      prepareDirectories(runtime)
      await sweepLeftovers(runtime, signal)
      for (const containerId of endedForRemoval(paths))
        await removeContainer(runtime, containerId, { anonymousVolumes: true, signal })
      const path = projectLockPath(paths, projectName)
      const { addon } = runtime.native()
      addon.repairNetworks(paths.networksDir)
      const release = await takeLock(addon, {
        path,
        mode: 'exclusive',
        signal,
        onWait: () => onWait?.(holderOf(path)),
      })
      // Only for those who wait; a lock without it is a lock all the same.
      writeFileSync(path, `${process.pid}\n`)
      return async () => release()
    },
    observeEverywhere: async () => observeContainers(paths, ({ labels }) => labels[LABEL.project] !== undefined),
    findStranded: async () => {
      const stranded = new Set(strandedContainerIds(runtime))
      return observeContainers(paths, ({ containerId }) => stranded.has(containerId))
    },
    observe: async (projectName) => {
      const belongs = ({ labels }: { readonly labels: Labels }): boolean => labels[LABEL.project] === projectName
      return {
        containers: observeContainers(paths, belongs),
        networks: listNetworks(paths).filter(belongs).map(observedNetwork),
        volumes: listVolumes(paths)
          .filter(belongs)
          .map((record) => observedVolume(paths, record)),
      }
    },
  }
}
