/** Volumes on disk: `volumes/NAME/volume.json`, and `_data/` unless the volume is a directory of the host. Reads only. */
import { join } from 'node:path'
import { DriverError, type Labels, type ObservedVolume } from '../../driver/driver.ts'
import { readLasting } from '../state/lasting-record.ts'
import type { StatePaths } from '../state/paths.ts'
import { listNames } from '../state/record-file.ts'

export interface VolumeRecord {
  readonly version: 1
  readonly volumeName: string
  readonly driver: string
  readonly options: Readonly<Record<string, string>>
  readonly labels: Labels
  /** Made for one container, and goes with it when it is asked to. */
  readonly anonymous: boolean
  readonly createdAtMs: number
}

/** Names are checked before they become paths. */
export function volumeDir(paths: StatePaths, volumeName: string): string {
  if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(volumeName)) return join(paths.volumesDir, volumeName)
  throw new DriverError('refused', `the volume name "${volumeName}" may hold only letters, digits, "_", "." and "-"`)
}

export function readVolume(paths: StatePaths, volumeName: string): VolumeRecord | undefined {
  return readLasting<VolumeRecord>(
    join(volumeDir(paths, volumeName), 'volume.json'),
    (record) => record.volumeName === volumeName,
  )
}

/** The directory whose content is the volume's. */
export function volumeSource(paths: StatePaths, record: VolumeRecord): string {
  return record.options.device ?? join(volumeDir(paths, record.volumeName), '_data')
}

export function listVolumes(paths: StatePaths): VolumeRecord[] {
  return listNames(paths.volumesDir).flatMap((name) => {
    const record = name.startsWith('.') ? undefined : readIfWhole(paths, name)
    return record === undefined ? [] : [record]
  })
}

export function observedVolume(paths: StatePaths, record: VolumeRecord): ObservedVolume {
  const { volumeName, driver, labels } = record
  return { volumeName, driver, mountpoint: volumeSource(paths, record), labels }
}

function readIfWhole(paths: StatePaths, name: string): VolumeRecord | undefined {
  try {
    return readVolume(paths, name)
  } catch (error) {
    if (error instanceof DriverError && error.code === 'state-broken') return undefined
    throw error
  }
}
