/** A volume as a row of `volumes`, with the fields that Docker's templates know. What it knows of swarms and links is not known here either. */
import type { ObservedVolume } from '../driver/driver.ts'
import { labelMethod } from './label-method.ts'
import type { Columns } from './template.ts'

export const volumeColumns: Columns = {
  leastWidth: 10,
  table: [
    ['Driver', 'DRIVER'],
    ['Name', 'VOLUME NAME'],
  ],
  headings: {
    Availability: 'AVAILABILITY',
    Group: 'GROUP',
    Labels: 'LABELS',
    Links: 'LINKS',
    Mountpoint: 'MOUNTPOINT',
    Scope: 'SCOPE',
    Size: 'SIZE',
    Status: 'STATUS',
  },
}

const UNKNOWN = 'N/A'

export function volumeRow({ volumeName, driver, labels, mountpoint = '' }: ObservedVolume) {
  return {
    Availability: UNKNOWN,
    Driver: driver,
    Group: UNKNOWN,
    Label: labelMethod(labels),
    Labels: Object.entries(labels)
      .map(([name, value]) => `${name}=${value}`)
      .sort()
      .join(','),
    Links: UNKNOWN,
    Mountpoint: mountpoint,
    Name: volumeName,
    Scope: 'local',
    Size: UNKNOWN,
    Status: UNKNOWN,
  }
}
