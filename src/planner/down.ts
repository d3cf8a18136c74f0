/** `down`: containers in reverse order, then what they used. Data goes only when it was asked for by `volumes`. */

import { LABEL, type Observed, type ObservedContainer } from '../driver/driver.ts'
import { ORPHANED } from './because.ts'
import { type Draft, keyOf, openDraft } from './draft.ts'
import { isAnonymousVolume, isOfOtherFiles, isOneOff, isPreStart, orphansOf, serviceOf } from './observed-containers.ts'
import type { DownOptions } from './options.ts'
import type { Because, Plan } from './plan.ts'
import { addEnd, addRemoval, addStops } from './retire.ts'
import { type Scope, type Subject, scopeOf, withDependents } from './scope.ts'
import { timeoutOf } from './stop.ts'

const BECAUSE: Because = { reason: 'down was asked for' }

/** With services named: those and whatever depends on them; what others still use then stays. */
export function planDown(subject: Subject, observed: Observed, options: DownOptions): Plan {
  const scope = withDependents(scopeOf(subject, observed, options.services))
  const draft = openDraft(subject)
  addStops(draft, scope, { because: BECAUSE, ...timeoutOf(options) })
  const leaving = [
    ...scope.services.flatMap((name) => scope.replicas.get(name) ?? []),
    ...observed.containers.filter((one) => isPreStart(one) && scope.services.includes(serviceOf(one) ?? '')),
  ]
  for (const container of leaving) {
    addRemoval(draft, container, { because: BECAUSE, anonymousVolumes: options.volumes ?? false })
  }
  const orphans = strangersIn(scope, observed)
  const swept = options.removeOrphans
    ? [...new Set([...orphans, ...oneOffsOf(scope, observed)])].filter((one) => !isOfOthers(scope, one))
    : []
  for (const container of swept) addOrphanEnd(draft, container, options)
  const gone = [...leaving, ...swept]
  addLeftovers(draft, { scope, observed, gone, options })
  return draft.finish({
    projectName: scope.projectName,
    unchanged: [],
    orphans: orphans.filter((one) => !swept.includes(one)),
    warnings: [],
  })
}

/** Without a file every labelled container is known, apart from one-off runs. */
function strangersIn(scope: Scope, observed: Observed): readonly ObservedContainer[] {
  return scope.project === undefined
    ? observed.containers.filter((one) => isOneOff(one) && !isPreStart(one))
    : orphansOf(scope.project, observed.containers)
}

/** What `run` has made of the services, whether it runs or not. */
function oneOffsOf({ services }: Scope, { containers }: Observed): readonly ObservedContainer[] {
  return containers.filter((one) => isOneOff(one) && !isPreStart(one) && services.includes(serviceOf(one) ?? ''))
}

const isOfOthers = ({ project }: Scope, container: ObservedContainer): boolean =>
  project !== undefined && isOfOtherFiles(project, container)

function addOrphanEnd(draft: Draft, container: ObservedContainer, options: DownOptions): void {
  addEnd(draft, container, { because: ORPHANED, anonymousVolumes: options.volumes ?? false, ...timeoutOf(options) })
}

interface Leavings {
  readonly scope: Scope
  readonly observed: Observed
  /** The containers that this plan removes. */
  readonly gone: readonly ObservedContainer[]
  readonly options: DownOptions
}

function addLeftovers(draft: Draft, leavings: Leavings): void {
  addNetworkRemovals(draft, leavings)
  if (leavings.options.volumes) addVolumeRemovals(draft, leavings)
  if (leavings.options.images !== undefined) addImageRemovals(draft, leavings)
}

/** Every network the project made, also one that has left the file since. */
function addNetworkRemovals(draft: Draft, { scope, observed, gone, options }: Leavings): void {
  const staying = remaining(observed, gone)
  for (const { networkName } of observed.networks) {
    const isOn = (container: ObservedContainer): boolean =>
      container.endpoints.some((end) => end.networkName === networkName)
    if (staying.some(isOn) && (options.services?.length ?? 0) > 0) continue
    if (isExternal(scope.project?.networks, networkName)) continue
    draft.add({
      key: keyOf.removeNetwork(networkName),
      after: gone.filter((one) => isOn(one) || one.endpoints.length === 0).map((one) => keyOf.remove(one.containerId)),
      because: BECAUSE,
      action: { kind: 'remove-network', networkName, inUse: 'leave' },
    })
  }
}

/** Named volumes that the file declares, or, without a file, that carry the project's label; never one of another file set. */
function addVolumeRemovals(draft: Draft, { scope, observed, gone }: Leavings): void {
  const declared = scope.project && new Set(Object.values(scope.project.volumes).map((volume) => volume.name))
  const because = { reason: 'removal of volumes was asked for' }
  const named = observed.volumes
    .map((volume) => volume.volumeName)
    .filter((name) => declared?.has(name) ?? true)
    .filter((name) => !isExternal(scope.project?.volumes, name))
  const staying = new Set(remaining(observed, gone).flatMap(volumesOf))
  for (const volumeName of new Set([...named, ...gone.flatMap(inheritedVolumesOf)])) {
    if (staying.has(volumeName)) continue
    draft.add({
      key: keyOf.removeVolume(volumeName),
      after: gone.filter((one) => volumesOf(one).includes(volumeName)).map((one) => keyOf.remove(one.containerId)),
      because,
      action: { kind: 'remove-volume', volumeName, inUse: 'leave' },
    })
  }
}

function volumesOf(container: ObservedContainer): readonly string[] {
  return container.mounts.flatMap((mount) => (mount.kind === 'volume' && mount.name !== undefined ? [mount.name] : []))
}

/** An anonymous volume that was handed on from an earlier container is mounted by its name, so the driver no longer removes it by itself. */
function inheritedVolumesOf(container: ObservedContainer): readonly string[] {
  return volumesOf(container).filter(isAnonymousVolume)
}

/** `local` are those that Compose itself gave a name to: built, and not named by the user. */
function addImageRemovals(draft: Draft, { scope, observed, gone, options }: Leavings): void {
  const staying = new Set(remaining(observed, gone).map((one) => one.image))
  const isLocal = (container: ObservedContainer): boolean => {
    const service = scope.project?.services[container.labels[LABEL.service] ?? '']
    return service !== undefined && service.image === undefined
  }
  const images = gone.filter((one) => options.images === 'all' || isLocal(one)).map((one) => one.image)
  for (const image of new Set(images)) {
    if (staying.has(image)) continue
    draft.add({
      key: keyOf.removeImage(image),
      after: gone.filter((one) => one.image === image).map((one) => keyOf.remove(one.containerId)),
      because: { reason: 'removal of images was asked for' },
      action: { kind: 'remove-image', image, inUse: 'leave' },
    })
  }
}

function remaining(observed: Observed, gone: readonly ObservedContainer[]): readonly ObservedContainer[] {
  const ids = new Set(gone.map((one) => one.containerId))
  return observed.containers.filter((one) => !ids.has(one.containerId))
}

function isExternal(
  declared: Readonly<Record<string, { readonly name: string; readonly external?: boolean }>> | undefined,
  name: string,
): boolean {
  return Object.values(declared ?? {}).some((one) => one.name === name && one.external === true)
}
