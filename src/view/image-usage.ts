/** What images take on the disk, in the shape of `docker system df`. */
import { humanSize } from './human-size.ts'
import { humanDuration } from './human-time.ts'
import { type ShownImage, shortId } from './image-columns.ts'
import { renderTable } from './table.ts'
import type { Columns } from './template.ts'

export interface ShownUsage {
  readonly type: string
  readonly count: number
  readonly activeCount: number
  readonly bytes: number
  readonly reclaimableBytes: number
}

export interface ShownImageUsage extends ShownImage {
  readonly sharedBytes: number
  readonly uniqueBytes: number
  readonly containers: number
}

type Row = Readonly<Record<string, string>>

export const STORE_USAGE_COLUMNS: Columns = {
  table: [
    ['Type', 'TYPE'],
    ['TotalCount', 'TOTAL'],
    ['Active', 'ACTIVE'],
    ['Size', 'SIZE'],
    ['Reclaimable', 'RECLAIMABLE'],
  ],
  headings: {},
  leastWidth: 10,
}

/** Keys in the order of `docker system df --format json`. */
export function storeUsageRow({ type, count, activeCount, bytes, reclaimableBytes }: ShownUsage): Row {
  const percent = bytes === 0 ? '' : ` (${Math.floor((100 * reclaimableBytes) / bytes)}%)`
  return {
    Active: String(activeCount),
    Reclaimable: `${humanSize(reclaimableBytes)}${percent}`,
    Size: humanSize(bytes),
    TotalCount: String(count),
    Type: type,
  }
}

const HEAD = ['REPOSITORY', 'TAG', 'IMAGE ID', 'CREATED', 'SIZE', 'SHARED SIZE', 'UNIQUE SIZE', 'CONTAINERS']

export function renderImageUsage(images: readonly ShownImageUsage[], nowMs: number): string {
  const rows = images.map((one) => [
    one.repository,
    one.tag,
    shortId(one.imageId),
    one.createdAtMs === 0 ? 'N/A' : `${humanDuration(nowMs - one.createdAtMs)} ago`,
    ...[one.sizeBytes, one.sharedBytes, one.uniqueBytes].map(humanSize),
    String(one.containers),
  ])
  return `Images space usage:\n\n${renderTable([HEAD, ...rows], { leastWidth: 10 })}`
}
