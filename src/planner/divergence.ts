/** Why an existing container is not what the model asks for, in the order in which a user would like to be told. */
import {
  type ContainerSpec,
  LABEL,
  type ObservedContainer,
  type ObservedImage,
  type ObservedNetwork,
} from '../driver/driver.ts'
import { serviceHash } from '../model/hash.ts'
import type { Path, Project, Service } from '../model/project.ts'
import { changedContent } from './contents.ts'
import { type Pair, pairOf } from './field-values.ts'
import { changedFields, type FieldChange, tellableAt } from './fields.ts'
import { isInPlace, isLimit } from './in-place.ts'
import { placeOf } from './place.ts'
import type { Because } from './plan.ts'
import type { InPlaceChange } from './up-decide.ts'

export interface Desired {
  readonly project: Project
  readonly serviceName: string
  readonly service: Service
  /** As it would be created now. */
  readonly spec: ContainerSpec
  readonly image: ObservedImage | undefined
  /** The network that has this name now; undefined when it is yet to be made. */
  readonly findNetwork: (networkName: string) => ObservedNetwork | undefined
}

export function whyDiverged(container: ObservedContainer, desired: Desired): Because | undefined {
  return (
    whyConfig(container, desired) ??
    whyContent(container, desired) ??
    whyImage(container, desired) ??
    whyNetwork(container, desired) ??
    whyVolume(container, desired)
  )
}

function whyConfig(container: ObservedContainer, desired: Desired): Because | undefined {
  if (!hasChanged(container, desired)) return undefined
  const changes = changedFields(container.labels, desired.service) ?? []
  if (changes.length === 0) return because(desired, [], { reason: 'configuration changed' })
  return changes.every((one) => isInPlace(one, desired.service)) ? undefined : becauseOf(changes, container, desired)
}

function hasChanged(container: ObservedContainer, { service, spec }: Desired): boolean {
  const hash = container.labels[LABEL.configHash]
  return hash !== spec.labels[LABEL.configHash] && hash !== serviceHash(asCreated(service, spec))
}

/** What there is to be changed in a container that can stay. */
export function inPlaceChange(container: ObservedContainer, desired: Desired): InPlaceChange | undefined {
  const changes = hasChanged(container, desired) ? (changedFields(container.labels, desired.service) ?? []) : []
  if (changes.length === 0 || !changes.every((one) => isInPlace(one, desired.service))) return undefined
  const { labels, restart, resources } = desired.spec
  const limits = changes.some(isLimit) && { resources }
  return { because: becauseOf(changes, container, desired), update: { labels, restart, ...limits } }
}

function becauseOf(changes: readonly FieldChange[], container: ObservedContainer, desired: Desired): Because {
  const [first, ...others] = changes
  if (first === undefined) throw new Error('nothing has changed; please report this')
  return because(desired, first.path, {
    reason: first.kind,
    ...valuesOf(first, container, desired.service),
    ...(others.length > 0 && { also: others.map((one) => ['services', desired.serviceName, ...one.path]) }),
  })
}

/** Docker Compose hashes a shared namespace by the id of the container it is shared with. */
function asCreated(service: Service, spec: ContainerSpec): Service {
  const { networkMode, pid, ipc } = spec
  return {
    ...service,
    ...(networkMode.kind === 'container' && { network_mode: `container:${networkMode.containerId}` }),
    ...(typeof pid === 'object' && { pid: `container:${pid.container}` }),
    ...(typeof ipc === 'object' && { ipc: `container:${ipc.container}` }),
  }
}

/** Old values as far as the container tells them; new ones where they are short and no secret. */
function valuesOf({ path, old }: FieldChange, container: ObservedContainer, service: Service): Pair {
  const [key, entry] = path
  if (key === 'image') return pairOf(path, container.image, service.image)
  if (key === 'labels' && entry !== undefined) return pairOf(path, container.labels[entry], service.labels?.[entry])
  return pairOf(path, old, tellableAt(service, path))
}

function whyContent(container: ObservedContainer, desired: Desired): Because | undefined {
  const found = changedContent(container.labels, desired.project, desired.service)
  if (found === undefined) return undefined
  const { project } = desired
  const source = project[found.kind][found.name]?.environment === undefined ? 'content' : 'environment'
  const field = [found.kind, found.name, source]
  return { reason: 'changed', field, ...placeOf(project, field) }
}

/** A tag that now stands for another image. */
function whyImage(container: ObservedContainer, desired: Desired): Because | undefined {
  const expected = desired.image?.imageId
  if (expected === undefined || expected === container.imageId || expected === container.labels[LABEL.image])
    return undefined
  return because(desired, ['image'], {
    reason: 'image updated',
    old: shortId(container.imageId),
    new: shortId(expected),
  })
}

function shortId(imageId: string): string {
  return imageId.replace('sha256:', '').slice(0, 12)
}

/** A container that never ran may not tell its networks; there is nothing to compare then. */
function whyNetwork(container: ObservedContainer, desired: Desired): Because | undefined {
  const { networkMode } = desired.spec
  if (networkMode.kind !== 'networks' || (container.endpoints.length === 0 && container.status !== 'running'))
    return undefined
  const detached = networkMode.endpoints.find(
    ({ networkName }) => !isAttached(container, networkName, desired.findNetwork(networkName)),
  )
  if (detached === undefined) return undefined
  return because(desired, ['networks'], { reason: `network "${detached.networkName}" is not attached` })
}

/** A network of the same name that was made since then is another one. */
function isAttached(container: ObservedContainer, networkName: string, network: ObservedNetwork | undefined): boolean {
  const endpoint = container.endpoints.find((one) => one.networkName === networkName)
  if (endpoint === undefined) return false
  return endpoint.networkId === '' || endpoint.networkId === network?.networkId
}

function whyVolume(container: ObservedContainer, desired: Desired): Because | undefined {
  const mounted = new Set(container.mounts.flatMap((mount) => (mount.kind === 'volume' ? [mount.name] : [])))
  const absent = desired.spec.mounts.find((mount) => mount.kind === 'volume' && !mounted.has(mount.volumeName))
  if (absent?.kind !== 'volume') return undefined
  return because(desired, ['volumes'], { reason: `volume "${absent.volumeName}" is not mounted` })
}

function because(desired: Desired, path: Path, rest: Omit<Because, 'field' | 'at'>): Because {
  const field = ['services', desired.serviceName, ...path]
  return { ...rest, field, ...placeOf(desired.project, field) }
}
