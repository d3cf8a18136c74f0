/**
 * A driver without a kernel: containers are records in memory, their programs run until they are told otherwise. It refuses what
 * a real engine refuses (taken names and ports, networks and volumes in use, missing images), so that a plan in a wrong order fails.
 */
import { handMethods } from './fake-driver/by-hand.ts'
import { containerMethods } from './fake-driver/containers.ts'
import { fileMethods } from './fake-driver/files.ts'
import { imageMethods } from './fake-driver/images.ts'
import { networkMethods } from './fake-driver/networks.ts'
import { observeMethods } from './fake-driver/observe.ts'
import { processMethods } from './fake-driver/processes.ts'
import { signalMethods } from './fake-driver/signals.ts'
import { streamMethods } from './fake-driver/streams.ts'
import type { FakeDriver, FakeOptions } from './fake-driver/types.ts'
import { volumeMethods } from './fake-driver/volumes.ts'
import { World } from './fake-driver/world.ts'

export type { FakeDriver, FakeOptions } from './fake-driver/types.ts'

export function createFakeDriver(options: FakeOptions = {}): FakeDriver {
  const world = new World(options)
  return {
    kind: 'fake',
    limits: {
      platforms: true,
      securityLabels: true,
      logOptions: 'all',
      networkOptions: 'all',
      changesInPlace: true,
      builds: options.builds ?? false,
      withoutResources: [],
    },
    calls: world.calls,
    ...observeMethods(world),
    ...imageMethods(world),
    ...networkMethods(world),
    ...volumeMethods(world),
    ...containerMethods(world),
    ...signalMethods(world),
    ...fileMethods(world),
    ...processMethods(world),
    ...streamMethods(world),
    ...handMethods(world),
  }
}
