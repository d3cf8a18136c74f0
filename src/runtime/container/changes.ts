/** What a container has changed of its image's files, by its own layer alone: it may run or not, and none of its programs is asked. */
import type { FileChange } from '../../driver/driver.ts'
import type { Runtime } from '../runtime.ts'
import { containerDir } from '../state/paths.ts'
import { listChanges } from './files.ts'
import { requireContainer } from './record.ts'

export async function changesOf(
  runtime: Runtime,
  containerId: string,
  signal: AbortSignal,
): Promise<readonly FileChange[]> {
  requireContainer(runtime.paths, containerId)
  const hand = { program: runtime.native().filesPath, signal }
  return listChanges(hand, containerDir(runtime.paths, containerId))
}
