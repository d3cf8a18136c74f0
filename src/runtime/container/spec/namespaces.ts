/** Which namespaces a container gets of its own, shares with the host, or joins. Pure. */
import type { ContainerSpec } from '../../../driver/driver.ts'
import type { OciSpec } from '../monitor-spec.ts'

type Namespace = OciSpec['linux']['namespaces'][number]

/** First processes of the containers that are joined, known when the container starts. */
export interface JoinedPids {
  readonly network?: number
  readonly pid?: number
  readonly ipc?: number
}

export function namespacesOf(spec: ContainerSpec): readonly Namespace[] {
  const types: Namespace['type'][] = ['mount']
  if (spec.cgroupns !== 'host') types.push('cgroup')
  if (spec.pid !== 'host') types.push('pid')
  if (spec.ipc !== 'host') types.push('ipc')
  if (spec.uts !== 'host') types.push('uts')
  if (spec.networkMode.kind !== 'host') types.push('network')
  return types.map((type) => ({ type }))
}

/** The same namespaces, with those that are joined pointing at their owners. */
export function joinNamespaces(namespaces: readonly Namespace[], pids: JoinedPids): readonly Namespace[] {
  return namespaces.map(({ type }) => {
    const pid = type === 'network' || type === 'pid' || type === 'ipc' ? pids[type] : undefined
    const file = type === 'network' ? 'net' : type
    return pid === undefined ? { type } : { type, path: `/proc/${pid}/ns/${file}` }
  })
}
