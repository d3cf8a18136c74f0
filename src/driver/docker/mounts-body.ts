/** Mounts of a container, as the Docker Engine API takes them; what has its content from the model is put in place afterwards. Pure. */
import type { MountSpec } from '../driver.ts'
import { defined } from './defined.ts'

type MountOf<K extends MountSpec['kind']> = Extract<MountSpec, { readonly kind: K }>

export function hostMounts(mounts: readonly MountSpec[]): Readonly<Record<string, unknown>> {
  const binds: string[] = []
  const tmpfs: [string, string][] = []
  const others: unknown[] = []
  for (const mount of mounts) {
    if (mount.kind === 'tmpfs') tmpfs.push([mount.target, tmpfsOptions(mount)])
    else if (mount.kind === 'bind' && mount.selinux) binds.push(labelledBind(mount))
    else if (mount.kind !== 'content') others.push(mountBody(mount))
  }
  return { Binds: binds, Tmpfs: Object.fromEntries(tmpfs), Mounts: others }
}

function mountBody(mount: MountOf<'bind' | 'volume' | 'anonymous-volume'>) {
  const common = { Target: mount.target, ReadOnly: mount.readOnly }
  switch (mount.kind) {
    case 'bind':
      return { ...common, Type: 'bind', Source: mount.source, BindOptions: bindOptions(mount) }
    case 'volume': {
      const options = defined({ NoCopy: mount.noCopy || undefined, Subpath: mount.subpath })
      return { ...common, Type: 'volume', Source: mount.volumeName, VolumeOptions: options }
    }
    case 'anonymous-volume':
      return { ...common, Type: 'volume', ...(mount.subpath && { VolumeOptions: { Subpath: mount.subpath } }) }
  }
}

function bindOptions({ createHostPath, propagation, recursive }: MountOf<'bind'>) {
  return defined({
    CreateMountpoint: createHostPath || undefined,
    Propagation: propagation,
    NonRecursive: recursive === 'disabled' || undefined,
    ReadOnlyNonRecursive: recursive === 'writable' || undefined,
    ReadOnlyForceRecursive: recursive === 'readonly' || undefined,
  })
}

/** Only this form has a place for SELinux's labels. */
function labelledBind({ source, target, readOnly, propagation, selinux }: MountOf<'bind'>): string {
  const options = [readOnly ? 'ro' : 'rw', selinux, ...(propagation ? [propagation] : [])]
  return `${source}:${target}:${options.join(',')}`
}

function tmpfsOptions({ sizeBytes, mode, options = [] }: MountOf<'tmpfs'>): string {
  const own = [
    ...(sizeBytes === undefined ? [] : [`size=${sizeBytes}`]),
    ...(mode === undefined ? [] : [`mode=${mode.toString(8)}`]),
  ]
  return [...options, ...own].join(',')
}
