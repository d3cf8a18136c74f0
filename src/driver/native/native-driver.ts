/** The driver over our own runtime. Each group of methods has its file; this one only puts them together. */
import { unknownResources } from '../../runtime/container/machine.ts'
import { LOG_OPTIONS } from '../../runtime/container/spec/logging.ts'
import { openStore } from '../../runtime/image/store.ts'
import { HOST_IP, MTU } from '../../runtime/network/options.ts'
import { openRuntime } from '../../runtime/runtime.ts'
import type { Driver, DriverLimits } from '../driver.ts'
import { containerMethods } from './containers.ts'
import { imageMethods } from './images.ts'
import { networkMethods } from './networks.ts'
import { observeMethods } from './observe.ts'
import { failingWithDriverErrors } from './refusals.ts'
import { streamMethods } from './streams.ts'
import { volumeMethods } from './volumes.ts'

export interface NativeDriverOptions {
  readonly env: NodeJS.ProcessEnv
  readonly uid: number
}

/** Images are what was brought in: one for each reference. */
const LIMITS: Omit<DriverLimits, 'withoutResources'> = {
  platforms: false,
  securityLabels: false,
  logOptions: LOG_OPTIONS,
  networkOptions: [MTU, HOST_IP],
  changesInPlace: true,
  builds: false,
}

export function openNativeDriver({ env, uid }: NativeDriverOptions): Driver {
  const runtime = openRuntime(env, uid)
  const store = openStore(runtime.paths, runtime.native)
  return {
    kind: 'native',
    limits: { ...LIMITS, withoutResources: unknownResources() },
    ...failingWithDriverErrors({
      ...observeMethods(runtime),
      ...imageMethods(runtime, store),
      ...networkMethods(runtime),
      ...volumeMethods(runtime),
      ...containerMethods(runtime, store),
    }),
    ...streamMethods(runtime),
  }
}
