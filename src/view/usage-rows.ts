/** What containers use, as `stats` shows it: the fields of Docker's own formatter, under their names. */
import type { ObservedContainer, ResourceUsage } from '../driver/driver.ts'
import { binarySize, humanSize } from './human-size.ts'
import type { Columns } from './template.ts'

/** One container with what was read of it, twice; both are absent where it does not run. */
export interface UsedContainer {
  readonly container: Pick<ObservedContainer, 'containerId' | 'containerName'>
  readonly before: ResourceUsage | undefined
  readonly now: ResourceUsage | undefined
}

export const USAGE_COLUMNS: Columns = {
  leastWidth: 10,
  table: [
    ['ID', 'CONTAINER ID'],
    ['Name', 'NAME'],
    ['CPUPerc', 'CPU %'],
    ['MemUsage', 'MEM USAGE / LIMIT'],
    ['MemPerc', 'MEM %'],
    ['NetIO', 'NET I/O'],
    ['BlockIO', 'BLOCK I/O'],
    ['PIDs', 'PIDS'],
  ],
  headings: { Container: 'CONTAINER' },
}

/** Keys in the order of `docker stats --format json`. */
export function usageRow(
  { container, before, now }: UsedContainer,
  truncate: boolean,
): Readonly<Record<string, string>> {
  const { containerId, containerName } = container
  const of = now ?? NOTHING
  return {
    BlockIO: `${humanSize(of.readBytes)} / ${humanSize(of.writtenBytes)}`,
    CPUPerc: percent(processorShare(before, now)),
    Container: containerId,
    ID: truncate ? containerId.slice(0, 12) : containerId,
    MemPerc: percent(of.memoryLimitBytes === 0 ? 0 : of.memoryBytes / of.memoryLimitBytes),
    MemUsage: `${binarySize(of.memoryBytes)} / ${binarySize(of.memoryLimitBytes)}`,
    Name: containerName,
    NetIO: `${humanSize(of.receivedBytes)} / ${humanSize(of.sentBytes)}`,
    PIDs: String(of.tasks),
  }
}

/** 1 is one whole processor. A container that was started again in between counts from 0. */
function processorShare(before: ResourceUsage | undefined, now: ResourceUsage | undefined): number {
  if (before === undefined || now === undefined || now.atMs <= before.atMs) return 0
  return Math.max(now.cpuMs - before.cpuMs, 0) / (now.atMs - before.atMs)
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)}%`
}

const NOTHING: ResourceUsage = {
  atMs: 0,
  cpuMs: 0,
  memoryBytes: 0,
  memoryLimitBytes: 0,
  receivedBytes: 0,
  sentBytes: 0,
  readBytes: 0,
  writtenBytes: 0,
  tasks: 0,
}
