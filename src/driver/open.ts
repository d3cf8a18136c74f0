/** Opens the driver that was asked for. Opening touches nothing; the first call does. */
import { type Driver, DriverError } from './driver.ts'
import { openNativeDriver } from './native/native-driver.ts'

export type DriverKind = 'native' | 'docker'

export function openDriver(env: NodeJS.ProcessEnv, kind: DriverKind = 'native'): Driver {
  switch (kind) {
    case 'native':
      return openNativeDriver({ env, uid: process.getuid?.() ?? 0 })
    case 'docker':
      throw new DriverError('unsupported', 'the docker driver is not there yet', {
        hint: 'leave out "--driver docker"',
      })
  }
}
