/**
 * A container's directory on its way in or out, and the anonymous volumes that come and go with it. The directory itself says
 * which: whoever finds it half made, because a command was killed, takes them away with it.
 */
import { join } from 'node:path'
import { DriverError } from '../../driver/driver.ts'
import type { Runtime } from '../runtime.ts'
import { readRecord, removeIfThere, replaceRecord } from '../state/record-file.ts'
import { readVolume } from '../volume/record.ts'
import { takeVolumeAway } from '../volume/remove.ts'

interface TakeAlongRecord {
  readonly version: 1
  readonly volumes: readonly string[]
}

export function writeTakeAlong(directory: string, volumes: readonly string[]): void {
  const record: TakeAlongRecord = { version: 1, volumes }
  if (volumes.length === 0) removeIfThere(pathIn(directory))
  else replaceRecord(pathIn(directory), record)
}

/** The caller holds the lock on half-made things. A volume that another container has come to use stays. */
export async function removeWithVolumes(runtime: Runtime, directory: string, signal: AbortSignal): Promise<void> {
  for (const name of readTakeAlong(directory)) {
    if (readVolume(runtime.paths, name)?.anonymous) await takeVolumeAway(runtime, name, signal).catch(unlessInUse)
  }
  await runtime.native().addon.removeTree(directory)
}

/** A record that is damaged names nothing. */
function readTakeAlong(directory: string): readonly string[] {
  try {
    return readRecord<TakeAlongRecord>(pathIn(directory))?.volumes ?? []
  } catch {
    return []
  }
}

function pathIn(directory: string): string {
  return join(directory, 'take-along.json')
}

function unlessInUse(error: unknown): void {
  if (!(error instanceof DriverError) || error.code !== 'volume-in-use') throw error
}
