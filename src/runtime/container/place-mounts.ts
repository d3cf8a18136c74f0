/** Finds the source of every mount, and makes those that are to be made. Finding comes first: what is refused leaves nothing. */
import { chmodSync, chownSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { randomHex } from '../../digests.ts'
import { type ContainerSpec, DriverError, type MountSpec } from '../../driver/driver.ts'
import type { StatePaths } from '../state/paths.ts'
import { anonymousVolume, ensureVolume, publish } from '../volume/create.ts'
import { readVolume, volumeDir, volumeSource } from '../volume/record.ts'
import { cleanTarget, type PlacedMount, targetOf } from './spec/mounts.ts'

interface Place {
  readonly paths: StatePaths
  /** Where the container will live. */
  readonly containerDir: string
}

/** The spec's mounts, and an anonymous volume for each of the image's volumes that none of them covers. */
export function findMounts(place: Place, spec: ContainerSpec, imageVolumes: readonly string[]): readonly PlacedMount[] {
  const asked = spec.mounts.map((mount, index) => findMount(place, mount, index))
  const covered = new Set(asked.map(targetOf))
  const missing = imageVolumes.map(cleanTarget).filter((target) => !covered.has(target) && target !== '/')
  return [...asked, ...[...new Set(missing)].map((target) => anonymous(place.paths, { target, readOnly: false }))]
}

function findMount(place: Place, mount: MountSpec, index: number): PlacedMount {
  switch (mount.kind) {
    case 'bind':
      return { kind: 'bind', source: bindSource(mount), mount }
    case 'volume':
      return named(place.paths, mount)
    case 'anonymous-volume':
      return anonymous(place.paths, mount)
    case 'tmpfs':
      return { kind: 'tmpfs', mount }
    case 'content':
      return { kind: 'content', source: join(place.containerDir, contentFile(index)), target: mount.target }
  }
}

function bindSource(mount: Extract<MountSpec, { kind: 'bind' }>): string {
  if (mount.createHostPath || existsSync(mount.source)) return mount.source
  throw new DriverError('mount-source-missing', `the bind mount's source "${mount.source}" does not exist`, {
    hint: 'create it, or set "bind: create_host_path: true"',
  })
}

function named(paths: StatePaths, mount: Extract<MountSpec, { kind: 'volume' }>): PlacedMount {
  const { volumeName, subpath, target, readOnly, noCopy } = mount
  const record = readVolume(paths, volumeName)
  const source = record === undefined ? ownData(paths, volumeName) : volumeSource(paths, record)
  if (record?.options.device !== undefined && !existsSync(source)) {
    throw new DriverError('mount-source-missing', `volume "${volumeName}": its device "${source}" does not exist`)
  }
  return { kind: 'volume', source, volumeName, ...(subpath ? { subpath } : {}), target, readOnly, copyUp: !noCopy }
}

function anonymous(
  paths: StatePaths,
  { target, readOnly }: { readonly target: string; readonly readOnly: boolean },
): PlacedMount {
  const volumeName = randomHex(32)
  return { kind: 'volume', source: ownData(paths, volumeName), volumeName, target, readOnly, copyUp: true }
}

function ownData(paths: StatePaths, volumeName: string): string {
  return join(volumeDir(paths, volumeName), '_data')
}

/** The anonymous volumes that `makeSources` will make. */
export function newVolumes(spec: ContainerSpec, placed: readonly PlacedMount[]): readonly string[] {
  const asked = namedVolumes(spec)
  return placed.flatMap((one) => (one.kind === 'volume' && !asked.has(one.volumeName) ? [one.volumeName] : []))
}

/** Makes the missing host directories and volumes. */
export function makeSources(paths: StatePaths, spec: ContainerSpec, placed: readonly PlacedMount[]): void {
  const asked = namedVolumes(spec)
  for (const one of placed) {
    // The source may as well be a file or a socket: a directory is made only where nothing is.
    if (one.kind === 'bind' && !existsSync(one.source)) mkdirSync(one.source, { recursive: true })
    if (one.kind !== 'volume') continue
    if (asked.has(one.volumeName)) makeNamed(paths, one.volumeName)
    else publish(paths, anonymousVolume(one.volumeName))
  }
}

function namedVolumes(spec: ContainerSpec): ReadonlySet<string> {
  return new Set(spec.mounts.flatMap((mount) => (mount.kind === 'volume' ? [mount.volumeName] : [])))
}

/** As in Docker, a named volume nobody made is made by the first container that asks for it. */
function makeNamed(paths: StatePaths, volumeName: string): void {
  if (readVolume(paths, volumeName) !== undefined) return
  ensureVolume(paths, { volumeName, driver: 'local', driverOptions: {}, labels: {} })
}

/** Writes the files whose content comes with the spec into the container's own directory. */
export function writeContents(directory: string, spec: ContainerSpec): void {
  for (const [index, mount] of spec.mounts.entries()) {
    if (mount.kind !== 'content') continue
    const path = join(directory, contentFile(index))
    mkdirSync(join(directory, CONTENT), { recursive: true, mode: 0o700 })
    writeFileSync(path, mount.content, { mode: mount.mode })
    if (mount.uid !== undefined || mount.gid !== undefined) chownSync(path, mount.uid ?? 0, mount.gid ?? 0)
    // Once more: the process's umask took its part when the file was made.
    chmodSync(path, mount.mode)
  }
}

const CONTENT = 'content'

function contentFile(index: number): string {
  return join(CONTENT, String(index))
}
