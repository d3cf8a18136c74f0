/**
 * Whether all is as it was seen once, told without reading what there is: from the versions of files, and from the lives of monitors.
 * Every change of a container, a network, a volume or an image's name leaves its trace in one of those.
 */
import { join } from 'node:path'
import type { MonitorIdentity } from './container/monitor-spec.ts'
import { readState, statePath } from './container/state.ts'
import type { Runtime } from './runtime.ts'
import { bootId } from './state/identity.ts'
import { containerDir, type StatePaths } from './state/paths.ts'

export interface Standing {
  readonly bootId: string
  /** The version of each file and directory, by its path. */
  readonly files: Readonly<Record<string, string>>
  readonly containers: readonly SeenContainer[]
}

/** A running container. Its state is written anew by each probe of its health, which most often changes nothing. */
interface SeenContainer {
  readonly containerId: string
  readonly stateVersion: string
  readonly health?: string
  readonly monitor: MonitorIdentity
}

export interface Seen {
  readonly containerIds: readonly string[]
  /** Other files that count. */
  readonly files: readonly string[]
  /** When looking began. */
  readonly sinceMs: number
}

/** Undefined where later nothing could tell: a container does not run, or something was changed since, or just before. */
export function standingSince(
  { paths, native }: Runtime,
  { containerIds, files, sinceMs }: Seen,
): Standing | undefined {
  const watched = [...files, ...recordsOf(paths), ...containerIds.map((id) => `${containerDir(paths, id)}/config.json`)]
  const states = containerIds.map((id) => statePath(paths, id))
  const versions = native().addon.fileVersions([...watched, ...states])
  if (!versions.every((version) => isOlder(version, sinceMs - COARSENESS_MS))) return undefined
  const containers = containerIds.flatMap((containerId, index) => {
    const { status, health, monitor } = readState(paths, containerId)
    if (status !== 'running' || monitor === undefined) return []
    const stateVersion = versions[watched.length + index] as string
    return [{ containerId, stateVersion, monitor, ...(health && { health: health.status }) }]
  })
  if (containers.length !== containerIds.length) return undefined
  return {
    bootId: bootId(),
    files: Object.fromEntries(watched.map((path, index) => [path, versions[index] as string])),
    containers,
  }
}

/** The times of files come from a clock that stands still for up to so long: two changes may bear the same one. */
const COARSENESS_MS = 20

/** Another object in one of these is another entry of the directory; other names of images are another index.json. */
function recordsOf({ dataDir, containersDir, networksDir, volumesDir }: StatePaths): readonly string[] {
  return [containersDir, networksDir, volumesDir, join(dataDir, 'images', 'index.json')]
}

/** What is not there has no age. */
function isOlder(version: string, ms: number): boolean {
  if (version === '') return true
  const [, , , changedNs] = version.split(' ')
  return Number(changedNs) < ms * 1e6
}

export function stands({ paths, native }: Runtime, standing: Standing): boolean {
  const { addon } = native()
  const { containers, files } = standing
  const watched = Object.keys(files)
  const states = containers.map(({ containerId }) => statePath(paths, containerId))
  const versions = addon.fileVersions([...watched, ...states])
  return (
    standing.bootId === bootId() &&
    watched.every((path, index) => files[path] === versions[index]) &&
    addon.areAlive(
      containers.map(({ monitor }) => monitor.pid),
      containers.map(({ monitor }) => monitor.startTime),
    ) &&
    containers.every((seen, index) => versions[watched.length + index] === seen.stateVersion || isAsSeen(paths, seen))
  )
}

function isAsSeen(paths: StatePaths, seen: SeenContainer): boolean {
  const { status, health, monitor } = readState(paths, seen.containerId)
  return status === 'running' && health?.status === seen.health && monitor?.pid === seen.monitor.pid
}
