/** Steps that make a container or give it its name, and what each of them has to wait for. */
import type { ContainerSpec } from '../driver/driver.ts'
import type { Service } from '../model/project.ts'
import { toPorts } from './container-network.ts'
import { keyOf } from './draft.ts'
import type { Because, Change } from './plan.ts'
import type { UpContext } from './up-context.ts'
import { hostKeysOf, lendersOf, madeBy } from './up-sites.ts'

interface Creation {
  readonly service: Service
  readonly serviceName: string
  readonly spec: ContainerSpec
  readonly because: Because
  readonly partOf?: Change
  readonly after: readonly string[]
}

export function addCreate(context: UpContext, { service, serviceName, spec, because, partOf, after }: Creation): void {
  const borrowsFrom = lendersOf(service, context)
  context.draft.add({
    key: keyOf.create(spec.containerName),
    after: [
      keyOf.pull(spec.image),
      ...(spec.networkMode.kind === 'networks'
        ? spec.networkMode.endpoints.map((one) => keyOf.createNetwork(one.networkName))
        : []),
      ...spec.mounts.flatMap((mount) => (mount.kind === 'volume' ? [keyOf.createVolume(mount.volumeName)] : [])),
      ...hostKeysOf(service, context),
      ...nameFreed(context, spec.containerName),
      ...after,
    ],
    because,
    serviceName,
    ...(partOf !== undefined && { partOf }),
    action: { kind: 'create-container', spec, ...(borrowsFrom.length > 0 && { borrowsFrom }) },
  })
}

interface Renaming {
  readonly serviceName: string
  readonly container: { readonly containerName: string; readonly containerId?: string }
  readonly containerName: string
  readonly because: Because
  readonly partOf?: Change
  readonly after?: readonly string[]
}

export function addRename(
  context: UpContext,
  { serviceName, container, containerName, because, partOf, after = [] }: Renaming,
): void {
  context.draft.add({
    key: keyOf.rename(containerName),
    after: [...after, ...nameFreed(context, containerName)],
    because,
    serviceName,
    ...(partOf !== undefined && { partOf }),
    action: {
      kind: 'rename-container',
      containerName: container.containerName,
      ...(container.containerId !== undefined && { containerId: container.containerId }),
      newName: containerName,
    },
  })
}

/** A name can be given again once the container that has it is gone. */
function nameFreed({ observed }: UpContext, containerName: string): readonly string[] {
  return observed.containers
    .filter((one) => one.containerName === containerName)
    .map((one) => keyOf.remove(one.containerId))
}

/** What has to be over before a container is started: its making, and whatever stops that holds one of its host ports. */
export function startableAfter(context: UpContext, serviceName: string, containerName: string): readonly string[] {
  const ports = toPorts(context.project.services[serviceName] as Service)
  const holders = context.observed.containers.filter(
    (container) =>
      container.containerName !== containerName &&
      container.ports.some((held) =>
        ports.some(
          (port) =>
            port.protocol === held.protocol &&
            port.published.start <= held.published &&
            held.published <= port.published.end &&
            held.published > 0,
        ),
      ),
  )
  return [...madeBy(containerName), ...holders.map((one) => keyOf.stop(one.containerId))]
}
