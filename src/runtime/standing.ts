/**
 * What tells later whether all is as it is now, without reading what there is: the versions of files, and the lives of monitors.
 * Every change of a container, a network, a volume or an image's name leaves its trace in one of those.
 */
import { join } from 'node:path'
import type { MonitorIdentity } from './container/monitor-spec.ts'
import { readState, statePath } from './container/state.ts'
import type { Runtime } from './runtime.ts'
import { bootId } from './state/identity.ts'
import { containerDir, type StatePaths } from './state/paths.ts'

export interface StandingContainers {
  readonly bootId: string
  /** The version of each file and directory. */
  readonly files: readonly (readonly [path: string, version: string])[]
  readonly containers: readonly SeenContainer[]
}

/** A running container. Its state is written anew by each probe of its health, which most often changes nothing. */
interface SeenContainer {
  readonly statePath: string
  readonly stateVersion: string
  readonly health?: string
  readonly monitor: MonitorIdentity
}

export interface Seen {
  readonly containerIds: readonly string[]
  /** Other files that count, and whether they were there. */
  readonly files: Readonly<Record<string, boolean>>
  /** When looking began. */
  readonly sinceMs: number
}

/** Undefined where later nothing could tell: a container does not run, or something was changed since, or just before. */
export function standingSince(
  runtime: Runtime,
  { containerIds, files, sinceMs }: Seen,
): StandingContainers | undefined {
  const { paths, native } = runtime
  const records = containerIds.map((id) => `${containerDir(paths, id)}/config.json`)
  const watched = [...Object.keys(files), ...recordsOf(paths), ...records]
  const states = containerIds.map((id) => statePath(paths, id))
  const versions = native().addon.fileVersions([...watched, ...states])
  const areAsRead = Object.values(files).every((wasThere, index) => wasThere === (versions[index] !== ''))
  const areLasting = versions.map((version) => isOlder(version, sinceMs))
  if (!areAsRead || !areLasting.slice(0, watched.length).every(Boolean)) return undefined
  const stateVersions = versions.map((version, index) => (areLasting[index] ? version : JUST_WRITTEN))
  const containers = containerIds.flatMap(
    (id, index) => seenContainer(paths, id, stateVersions[watched.length + index]) ?? [],
  )
  if (containers.length < containerIds.length) return undefined
  return {
    bootId: bootId(),
    files: watched.map((path, index) => [path, versions[index] as string]),
    containers,
  }
}

/** The version of a state that has to be read each time: nothing would tell it from the next. */
const JUST_WRITTEN = 'just written'

function seenContainer(paths: StatePaths, containerId: string, stateVersion = JUST_WRITTEN): SeenContainer | undefined {
  const { status, health, monitor } = readState(paths, containerId)
  if (status !== 'running' || monitor === undefined) return undefined
  return { statePath: statePath(paths, containerId), stateVersion, monitor, ...(health && { health: health.status }) }
}

/** Another object in one of these is another entry of the directory; other names of images are another index.json. */
function recordsOf({ dataDir, containersDir, networksDir, volumesDir }: StatePaths): readonly string[] {
  return [containersDir, networksDir, volumesDir, join(dataDir, 'images', 'index.json')]
}

/**
 * Whether the change that a version speaks of is certain to have come before that time: two changes may bear the same one. The kernel's clock
 * for files stands still for up to 10 ms, and where there are whole seconds only, the file system may count by two (FAT). What is not
 * there has no age.
 */
export function isOlder(version: string, ms: number): boolean {
  if (version === '') return true
  const [, , , changedNs] = version.split(' ')
  if (changedNs === undefined) return false
  const coarsenessMs = changedNs.endsWith('000000000') ? 2000 : 20
  return Number(changedNs) / 1e6 + coarsenessMs < ms
}
