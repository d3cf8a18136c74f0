/** The mounts of a container: the default ones, then what the spec and the image ask for, parents before children. Pure. */
import { posix } from 'node:path'
import type { ContainerSpec, MountSpec } from '../../../driver/driver.ts'
import type { OciMount } from '../monitor-spec.ts'
import type { RecordedMount } from '../record.ts'
import { defaultMounts } from './default-mounts.ts'

/** A mount with its source found: a directory of the host, a volume's data, a file with content. */
export type PlacedMount =
  | { readonly kind: 'bind'; readonly source: string; readonly mount: Extract<MountSpec, { kind: 'bind' }> }
  | {
      readonly kind: 'volume'
      readonly source: string
      readonly volumeName: string
      readonly subpath?: string
      readonly target: string
      readonly readOnly: boolean
      readonly copyUp: boolean
    }
  | { readonly kind: 'tmpfs'; readonly mount: Extract<MountSpec, { kind: 'tmpfs' }> }
  | { readonly kind: 'content'; readonly source: string; readonly target: string }

/** What the user mounts replaces a default mount of the same place, with all below it. */
export function ociMounts(spec: ContainerSpec, placed: readonly PlacedMount[]): readonly OciMount[] {
  const own = placed.map(ociMount).sort((a, b) => depth(a.destination) - depth(b.destination))
  const taken = own.map((mount) => mount.destination)
  const covered = (path: string): boolean => taken.some((one) => path === one || path.startsWith(`${one}/`))
  return [...defaultMounts(spec).filter((mount) => !covered(mount.destination)), ...own]
}

export function recordedMounts(placed: readonly PlacedMount[]): readonly RecordedMount[] {
  return placed.flatMap((one) => {
    const recorded = recordedMount(one)
    return recorded === undefined ? [] : [recorded]
  })
}

/** Files with content are the container's own, not something mounted into it from outside. */
function recordedMount(placed: PlacedMount): RecordedMount | undefined {
  const target = targetOf(placed)
  switch (placed.kind) {
    case 'bind':
      return { kind: 'bind', source: placed.source, target, readOnly: placed.mount.readOnly }
    case 'volume': {
      const { volumeName: name, source, subpath, readOnly } = placed
      return { kind: 'volume', name, source, ...(subpath ? { subpath } : {}), target, readOnly }
    }
    case 'tmpfs':
      return { kind: 'tmpfs', source: '', target, readOnly: false }
    case 'content':
      return undefined
  }
}

export function copyUpTargets(placed: readonly PlacedMount[]): readonly string[] {
  return placed.flatMap((one) => (one.kind === 'volume' && one.copyUp ? [targetOf(one)] : []))
}

/** They are looked up when the container starts: until then, the volume's other users may change what lies there. */
export function subpathsOf(placed: readonly PlacedMount[]): Readonly<Record<string, string>> {
  const parts = placed.flatMap((one) => (one.kind === 'volume' && one.subpath ? [[targetOf(one), one.subpath]] : []))
  return Object.fromEntries(parts)
}

export function targetOf(placed: PlacedMount): string {
  return cleanTarget(placed.kind === 'bind' || placed.kind === 'tmpfs' ? placed.mount.target : placed.target)
}

/** Absolute, without `.`, `..` and a slash at the end. */
export function cleanTarget(target: string): string {
  return posix.resolve('/', target)
}

function ociMount(placed: PlacedMount): OciMount {
  const destination = targetOf(placed)
  switch (placed.kind) {
    case 'bind':
      return { destination, type: 'bind', source: placed.source, options: bindOptions(placed.mount) }
    case 'volume':
      return {
        destination,
        type: 'bind',
        source: placed.source,
        options: ['rbind', 'rprivate', placed.readOnly ? 'ro' : 'rw'],
      }
    case 'content':
      return { destination, type: 'bind', source: placed.source, options: ['rbind', 'rprivate', 'ro'] }
    case 'tmpfs':
      return { destination, type: 'tmpfs', source: 'tmpfs', options: tmpfsOptions(placed.mount) }
  }
}

function bindOptions(mount: Extract<MountSpec, { kind: 'bind' }>): readonly string[] {
  const recursive = mount.recursive === 'disabled' ? 'bind' : 'rbind'
  const access = mount.readOnly ? (mount.recursive === 'writable' ? 'ro' : 'rro') : 'rw'
  return [recursive, mount.propagation || 'rprivate', recursive === 'bind' && access === 'rro' ? 'ro' : access]
}

const OPPOSITES: Readonly<Record<string, string>> = { exec: 'noexec', suid: 'nosuid', dev: 'nodev' }

/** Docker's three restrictions stay unless the user says the opposite. */
function tmpfsOptions(mount: Extract<MountSpec, { kind: 'tmpfs' }>): readonly string[] {
  const asked = mount.options ?? []
  const lifted = new Set(asked.map((option) => OPPOSITES[option]))
  const kept = Object.values(OPPOSITES).filter((option) => !lifted.has(option) && !asked.includes(option))
  const size = mount.sizeBytes === undefined ? [] : [`size=${mount.sizeBytes}`]
  const mode = mount.mode === undefined ? [] : [`mode=${mount.mode.toString(8)}`]
  return [...kept, ...asked, ...size, ...mode]
}

function depth(path: string): number {
  return path === '/' ? 0 : path.split('/').length - 1
}
