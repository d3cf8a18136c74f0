/** Containers of the native driver. */
import { attachToContainer } from '../../runtime/container/attach.ts'
import { changesOf } from '../../runtime/container/changes.ts'
import { copyFrom, copyInto } from '../../runtime/container/copy.ts'
import { createContainer } from '../../runtime/container/create.ts'
import { execInContainer } from '../../runtime/container/exec.ts'
import { exportFiles } from '../../runtime/container/export.ts'
import { inspectContainer } from '../../runtime/container/observe.ts'
import { pauseContainer, unpauseContainer } from '../../runtime/container/pause.ts'
import { listProcesses } from '../../runtime/container/processes.ts'
import { removeContainer } from '../../runtime/container/remove.ts'
import { renameContainer } from '../../runtime/container/rename.ts'
import { startAttached, startContainer } from '../../runtime/container/start.ts'
import { killContainer, stopContainer } from '../../runtime/container/stop.ts'
import { updateContainer } from '../../runtime/container/update.ts'
import { readUsage } from '../../runtime/container/usage.ts'
import type { ImageStore } from '../../runtime/image/store.ts'
import type { Runtime } from '../../runtime/runtime.ts'
import type { Driver } from '../driver.ts'
import { commitContainer } from './commit.ts'
import { containerImage } from './images.ts'

type ContainerMethods = Pick<
  Driver,
  | 'createContainer'
  | 'startContainer'
  | 'startAttached'
  | 'stopContainer'
  | 'killContainer'
  | 'pauseContainer'
  | 'unpauseContainer'
  | 'renameContainer'
  | 'updateContainer'
  | 'removeContainer'
  | 'inspectContainer'
  | 'copyInto'
  | 'copyFrom'
  | 'listChanges'
  | 'exportContainer'
  | 'commitContainer'
  | 'listProcesses'
  | 'readUsage'
  | 'attach'
  | 'exec'
>

export function containerMethods(runtime: Runtime, store: ImageStore): ContainerMethods {
  const inTurn = takeTurns()
  return {
    createContainer: (spec, signal) =>
      inTurn(async () => createContainer(runtime, { spec, image: containerImage(store, spec) }, signal)),
    startContainer: (containerId, signal) => startContainer(runtime, containerId, signal),
    startAttached: (containerId, streams, signal) => startAttached(runtime, { containerId, streams }, signal),
    stopContainer: (containerId, options, signal) => stopContainer(runtime, containerId, { ...options, signal }),
    killContainer: (containerId, signalName, signal) => killContainer(runtime, containerId, { signalName, signal }),
    pauseContainer: (containerId, signal) => pauseContainer(runtime, containerId, signal),
    unpauseContainer: (containerId, signal) => unpauseContainer(runtime, containerId, signal),
    renameContainer: (containerId, containerName, signal) =>
      renameContainer(runtime, { containerId, containerName }, signal),
    updateContainer: (containerId, update, signal) => updateContainer(runtime, { containerId, update }, signal),
    removeContainer: (containerId, options, signal) => removeContainer(runtime, containerId, { ...options, signal }),
    inspectContainer: async (containerId) => inspectContainer(runtime.paths, containerId),
    copyInto: (containerId, copy, signal) => copyInto(runtime, { ...copy, containerId }, signal),
    copyFrom: (containerId, copy, signal) => copyFrom(runtime, { ...copy, containerId }, signal),
    listChanges: (containerId, signal) => changesOf(runtime, containerId, signal),
    exportContainer: (containerId, write, signal) => exportFiles(runtime, { containerId, write }, signal),
    commitContainer: (containerId, options, signal) => commitContainer(runtime, { containerId, options }, signal),
    listProcesses: async (containerId) => listProcesses(runtime, containerId),
    readUsage: async (containerId) => readUsage(runtime, containerId),
    attach: (containerId, streams, signal) => attachToContainer(runtime, { containerId, streams }, signal),
    exec: (containerId, spec, streams, signal) => execInContainer(runtime, { containerId, spec, streams }, signal),
  }
}

/**
 * One after the other, in order of asking. Making a container is our own work and takes one processor: made side by side, all of them would be ready
 * only at the end, and the monitors' processor would have nothing to do until then.
 */
function takeTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const mine = last.then(work)
    last = mine.catch(() => {})
    return mine
  }
}
