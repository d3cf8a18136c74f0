/** Volumes of the native driver. */
import type { Runtime } from '../../runtime/runtime.ts'
import { createVolume } from '../../runtime/volume/create.ts'
import { observedVolume, readVolume } from '../../runtime/volume/record.ts'
import { removeVolume } from '../../runtime/volume/remove.ts'
import type { Driver } from '../driver.ts'

export function volumeMethods(runtime: Runtime): Pick<Driver, 'findVolume' | 'createVolume' | 'removeVolume'> {
  return {
    findVolume: async (volumeName) => {
      const record = readVolume(runtime.paths, volumeName)
      return record === undefined ? undefined : observedVolume(runtime.paths, record)
    },
    createVolume: (spec, signal) => createVolume(runtime, spec, signal),
    removeVolume: (volumeName, signal) => removeVolume(runtime, volumeName, signal),
  }
}
