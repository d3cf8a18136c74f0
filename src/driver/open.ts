/** Opens the driver that was asked for. Opening touches nothing; the first call does. */
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
