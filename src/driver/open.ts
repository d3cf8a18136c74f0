/** Opens the driver that was asked for. Opening touches nothing; the first call does. */
import type { DaemonImages } from './docker/image-archives.ts'
import type { Driver } from './driver.ts'
import { openNativeDriver } from './native/native-driver.ts'

export type DriverKind = 'native' | 'docker'

export function openDriver(env: NodeJS.ProcessEnv): Driver {
  return openNativeDriver({ env, uid: process.getuid?.() ?? 0 })
}

/** Loaded by those who want it: what speaks to daemons is large. */
export async function openDaemon(env: NodeJS.ProcessEnv, contextName: string | undefined): Promise<Driver> {
  const { openDockerDriver } = await import('./docker/docker-driver.ts')
  return openDockerDriver({ env, ...(contextName === undefined ? {} : { contextName }) })
}

/** The daemon's images as archives: for those who carry them between it and our own store. */
export async function openDaemonImages(env: NodeJS.ProcessEnv, contextName: string | undefined): Promise<DaemonImages> {
  const { openImagesOfDaemon } = await import('./docker/docker-driver.ts')
  return openImagesOfDaemon({ env, ...(contextName === undefined ? {} : { contextName }) })
}
