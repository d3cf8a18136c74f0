/** What a container finds in its file system besides its image. */
import type { MountSpec } from '../driver/driver.ts'
import type { FileObject, FileReference, Mount } from '../model/project.ts'
import { toBytes, withoutUndefined } from './container-limits.ts'
import type { ReplicaSite } from './replica-site.ts'

/** Parents before what is mounted inside them, otherwise in the user's order. */
export function toMounts(site: ReplicaSite): readonly MountSpec[] {
  const { service, project } = site
  const mounts = [
    ...site.borrowedMounts,
    ...(service.volumes ?? []).flatMap((mount) => toMount(mount, site)),
    ...(service.tmpfs ?? []).map(toTmpfs),
    ...(service.configs ?? []).map((use) =>
      toFile(use, project.configs[use.source], { folder: '/', name: use.source }),
    ),
    ...(service.secrets ?? []).map((use) =>
      toFile(use, project.secrets[use.source], { folder: '/run/secrets/', name: use.source }),
    ),
  ]
  return inherit([...lastOfEachTarget(mounts)], site.inheritedVolumes).sort(parentsFirst)
}

/** What a service writes itself wins over what it borrows from another. */
function lastOfEachTarget(mounts: readonly MountSpec[]): Iterable<MountSpec> {
  return new Map(mounts.map((mount) => [mount.target, mount])).values()
}

/** Data in anonymous volumes is handed on to the container that takes over, also in those only the image asked for. */
function inherit(mounts: readonly MountSpec[], inherited: ReadonlyMap<string, string>): MountSpec[] {
  const named = mounts.map((mount): MountSpec => {
    const volumeName = mount.kind === 'anonymous-volume' ? inherited.get(mount.target) : undefined
    return volumeName === undefined
      ? mount
      : {
          kind: 'volume',
          volumeName,
          target: mount.target,
          readOnly: mount.kind === 'anonymous-volume' && mount.readOnly,
          noCopy: false,
        }
  })
  const targets = new Set(mounts.map((mount) => mount.target))
  const fromImage = [...inherited].filter(([target]) => !targets.has(target))
  return [
    ...named,
    ...fromImage.map(([target, volumeName]) => ({
      kind: 'volume' as const,
      volumeName,
      target,
      readOnly: false,
      noCopy: false,
    })),
  ]
}

export function parentsFirst(a: MountSpec, b: MountSpec): number {
  return depthOf(a) - depthOf(b)
}

function depthOf(mount: MountSpec): number {
  return mount.target.split('/').filter((part) => part !== '').length
}

function toMount(mount: Mount, site: ReplicaSite): readonly MountSpec[] {
  const readOnly = mount.read_only ?? false
  switch (mount.type) {
    case 'bind':
      return [toBind(mount, readOnly)]
    case 'volume':
      return [toVolume(mount, site, readOnly)]
    case 'tmpfs':
      return [
        {
          kind: 'tmpfs',
          target: mount.target,
          ...withoutUndefined({ sizeBytes: toBytes(mount.tmpfs?.size), mode: mount.tmpfs?.mode }),
          ...(readOnly && { options: ['ro'] }),
        },
      ]
    // Refused before anything is planned; review.ts names them.
    case 'npipe':
    case 'cluster':
    case 'image':
      return []
  }
}

function toBind(mount: Mount, readOnly: boolean): MountSpec {
  const { bind } = mount
  return {
    kind: 'bind',
    source: mount.source ?? '',
    target: mount.target,
    readOnly,
    createHostPath: bind !== undefined && (bind.create_host_path ?? true),
    ...(bind?.propagation !== undefined && { propagation: bind.propagation }),
    ...(bind?.selinux !== undefined && { selinux: bind.selinux }),
    ...(bind?.recursive !== undefined && { recursive: bind.recursive }),
  }
}

function toVolume(mount: Mount, site: ReplicaSite, readOnly: boolean): MountSpec {
  const { source, target, volume } = mount
  const part = volume?.subpath === undefined ? {} : { subpath: volume.subpath }
  if (source === undefined) return { kind: 'anonymous-volume', target, readOnly, ...part }
  return {
    kind: 'volume',
    volumeName: site.project.volumes[source]?.name ?? source,
    target,
    readOnly,
    noCopy: volume?.nocopy ?? false,
    ...part,
  }
}

/** `PATH[:OPTION,…]`. */
function toTmpfs(text: string): MountSpec {
  const colon = text.indexOf(':')
  if (colon < 0) return { kind: 'tmpfs', target: text }
  return { kind: 'tmpfs', target: text.slice(0, colon), options: text.slice(colon + 1).split(',') }
}

const FILE_MODE = 0o444

/** A file of the host as it is; content of the model as a file of its own. */
function toFile(
  use: FileReference,
  object: FileObject | undefined,
  place: { readonly folder: string; readonly name: string },
): MountSpec {
  const name = use.target ?? place.name
  const target = name.startsWith('/') ? name : `${place.folder}${name}`
  if (object?.file !== undefined)
    return { kind: 'bind', source: object.file, target, readOnly: true, createHostPath: false }
  return {
    kind: 'content',
    content: object?.content ?? '',
    target,
    mode: use.mode === undefined ? FILE_MODE : Number.parseInt(use.mode, 8),
    ...(use.uid !== undefined && { uid: Number(use.uid) }),
    ...(use.gid !== undefined && { gid: Number(use.gid) }),
  }
}
