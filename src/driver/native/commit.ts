/** A container's changes as an image: its files come from the container, all else is the store's. */
import { writeLayer } from '../../runtime/container/export.ts'
import { pauseContainer, unpauseContainer } from '../../runtime/container/pause.ts'
import { requireContainer } from '../../runtime/container/record.ts'
import { readState } from '../../runtime/container/state.ts'
import { enterEvent } from '../../runtime/event/journal.ts'
import { commitImage } from '../../runtime/image/commit.ts'
import { requireImage } from '../../runtime/image/find.ts'
import { openStore } from '../../runtime/image/store.ts'
import type { Runtime } from '../../runtime/runtime.ts'
import type { CommitOptions } from '../driver.ts'

export async function commitContainer(
  runtime: Runtime,
  { containerId, options }: { readonly containerId: string; readonly options: CommitOptions },
  signal: AbortSignal,
): Promise<string> {
  const record = requireContainer(runtime.paths, containerId)
  const { imageId, argv, commitConfig } = record
  const store = openStore(runtime.paths, runtime.native)
  const commit = {
    ...options,
    imageId,
    config: commitConfig ?? requireImage(store, imageId).document.config ?? {},
    createdBy: argv.join(' '),
    now: new Date(),
    writeLayer: (path: string) => writeLayer(runtime, { containerId, path }, signal),
  }
  const work = async (): Promise<string> => {
    const made = await commitImage(store, commit, signal)
    const attributes = { comment: options.message, imageID: made, imageRef: options.reference ?? '' }
    enterEvent(runtime.paths, { record, action: 'commit', attributes })
    return made
  }
  return options.pause ? whilePaused(runtime, containerId, { work, signal }) : work()
}

/** One that doesn't run, or is paused already, stays as it is. */
async function whilePaused(
  runtime: Runtime,
  containerId: string,
  { work, signal }: { readonly work: () => Promise<string>; readonly signal: AbortSignal },
): Promise<string> {
  if (readState(runtime.paths, containerId).status !== 'running') return work()
  await pauseContainer(runtime, containerId, signal)
  try {
    return await work()
  } finally {
    // Also for whoever has cancelled.
    await unpauseContainer(runtime, containerId, new AbortController().signal)
  }
}
