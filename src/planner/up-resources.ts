/** Networks and volumes of `up`: made where they are missing, never taken away, networks made anew where they changed. */

import type { Diagnostic } from '../diagnostic.ts'
import { LABEL, type Labels, type Observed, type ObservedContainer } from '../driver/driver.ts'
import { networkHash, volumeHash } from '../model/hash.ts'
import type { Network, Project, Service, Volume } from '../model/project.ts'
import { NOT_FOUND } from './because.ts'
import { type DraftStep, keyOf } from './draft.ts'
import { toNetworkSpec, toVolumeSpec } from './network-spec.ts'
import { isOneOff, serviceOf } from './observed-containers.ts'
import { placeOf } from './place.ts'
import { strategyFor } from './strategy.ts'
import type { ResourceContext, UpContext } from './up-context.ts'
import { networkWithoutEffect } from './without-effect.ts'

/** Adds the steps for missing networks. Returns those that exist but changed: their containers have to let go of them first. */
export function addNetworks(context: ResourceContext): ReadonlyMap<string, string> {
  const { project, observed, options, draft, findings } = context
  const changed = new Map<string, string>()
  for (const [key, network] of usedNetworks(context)) {
    const own = observed.networks.find((one) => one.networkName === network.name)
    const foreign = options.surroundings.networks.get(network.name)
    const exists = (own ?? foreign) !== undefined
    if (network.external && !exists) findings.add(externalNetworkMissing(project, key, network))
    if (network.external) continue
    if (!exists) draft.add(networkCreation(project, key, network))
    else if (own === undefined) findings.add(foreignNetwork(project, key, network, foreign?.labels[LABEL.project]))
    else if (hasChanged(own.labels, networkHash(network)) && canExchange(context, key, network))
      changed.set(network.name, key)
  }
  return changed
}

/** What of the networks' descriptions nothing will come of. */
export function reviewNetworks(context: ResourceContext): void {
  const { project, options, findings } = context
  for (const [key, network] of usedNetworks(context))
    if (!network.external) findings.add(...networkWithoutEffect(project, [key, network], options.surroundings.limits))
}

function networkCreation(project: Project, key: string, network: Network): DraftStep {
  return {
    key: keyOf.createNetwork(network.name),
    after: [],
    because: NOT_FOUND,
    action: { kind: 'create-network', spec: toNetworkSpec(project, key, network) },
  }
}

/** Without a hash nobody knows what it was made of. */
function hasChanged(labels: Labels, hash: string): boolean {
  const before = labels[LABEL.configHash]
  return before !== undefined && before !== hash
}

/** A network can be made anew only when everyone on it is exchanged with it. */
function canExchange(
  { project, observed, options, findings }: ResourceContext,
  key: string,
  network: Network,
): boolean {
  const isExchanged = (container: ObservedContainer): boolean => {
    const serviceName = serviceOf(container)
    if (serviceName === undefined || isOneOff(container)) return false
    const isOrphan =
      !Object.hasOwn(project.services, serviceName) && !Object.hasOwn(project.disabledServices, serviceName)
    return isOrphan
      ? options.removeOrphans === true
      : Object.hasOwn(project.services, serviceName) && strategyFor(serviceName, options) !== 'never'
  }
  const holding = containersOn(network.name, observed).filter((container) => !isExchanged(container))
  if (holding.length > 0) findings.add(networkHeld(project, key, { network, holding }))
  return holding.length === 0
}

function containersOn(networkName: string, observed: Observed): readonly ObservedContainer[] {
  return observed.containers.filter((one) => one.endpoints.some((end) => end.networkName === networkName))
}

/** A changed network is taken down between the last of its old containers and the first of its new ones. */
export function addNetworkExchanges(context: UpContext): void {
  for (const key of context.changedNetworks.values()) {
    const network = context.project.networks[key]
    if (network !== undefined) addNetworkExchange(context, key, network)
  }
}

function addNetworkExchange({ project, observed, draft }: UpContext, key: string, network: Network): void {
  const networkName = network.name
  const field = ['networks', key]
  const because = { reason: 'changed', field, ...placeOf(project, field) }
  draft.add({
    key: keyOf.removeNetwork(networkName),
    after: containersOn(networkName, observed).map((one) => keyOf.remove(one.containerId)),
    because,
    action: { kind: 'remove-network', networkName, inUse: 'fail' },
  })
  draft.add({
    key: keyOf.createNetwork(networkName),
    after: [keyOf.removeNetwork(networkName)],
    because,
    action: { kind: 'create-network', spec: toNetworkSpec(project, key, network) },
  })
}

export function addVolumes(context: ResourceContext): void {
  const { project, observed, options, draft, findings } = context
  for (const [key, volume] of usedVolumes(context)) {
    const own = observed.volumes.find((one) => one.volumeName === volume.name)
    const foreign = options.surroundings.volumes.get(volume.name)
    const exists = (own ?? foreign) !== undefined
    if (volume.external && !exists) findings.add(externalVolumeMissing(project, key, volume))
    if (volume.external) continue
    if (!exists) draft.add(volumeCreation(project, key, volume))
    else if (own === undefined) findings.add(foreignVolume(project, key, volume, foreign?.labels[LABEL.project]))
    else if (hasChanged(own.labels, volumeHash(volume))) findings.add(volumeChanged(project, key, volume))
  }
}

function volumeCreation(project: Project, key: string, volume: Volume): DraftStep {
  return {
    key: keyOf.createVolume(volume.name),
    after: [],
    because: NOT_FOUND,
    action: { kind: 'create-volume', spec: toVolumeSpec(project, key, volume) },
  }
}

function servicesOf({ project, besides }: ResourceContext): readonly Service[] {
  return [...Object.values(project.services), ...(besides ? [besides] : [])]
}

function usedNetworks(context: ResourceContext): readonly (readonly [string, Network])[] {
  const used = new Set(servicesOf(context).flatMap((service) => Object.keys(service.networks ?? {})))
  return Object.entries(context.project.networks).filter(([key]) => used.has(key))
}

function usedVolumes(context: ResourceContext): readonly (readonly [string, Volume])[] {
  const mounts = servicesOf(context).flatMap((service) => service.volumes ?? [])
  const used = new Set(
    mounts.flatMap((mount) => (mount.type === 'volume' && mount.source !== undefined ? [mount.source] : [])),
  )
  return Object.entries(context.project.volumes).filter(([key]) => used.has(key))
}

function externalNetworkMissing(project: Project, key: string, network: Network): Diagnostic {
  return {
    severity: 'error',
    code: 'external-missing',
    message: `network "${network.name}" declared as external, but could not be found`,
    hint: 'make it first, or drop "external: true" to have it made here',
    ...placeOf(project, ['networks', key]),
  }
}

function externalVolumeMissing(project: Project, key: string, volume: Volume): Diagnostic {
  return {
    severity: 'error',
    code: 'external-missing',
    message: `external volume "${volume.name}" not found`,
    hint: 'make it first, or drop "external: true" to have it made here',
    ...placeOf(project, ['volumes', key]),
  }
}

function networkHeld(
  project: Project,
  key: string,
  { network, holding }: { readonly network: Network; readonly holding: readonly ObservedContainer[] },
): Diagnostic {
  const names = holding.map((one) => `"${one.containerName}"`).join(', ')
  return {
    severity: 'warning',
    code: 'network-held',
    message: `network "${network.name}" has changed, but is kept as it is for ${names}`,
    hint: 'remove those containers, or bring them up together with the others',
    ...placeOf(project, ['networks', key]),
  }
}

function foreignNetwork(project: Project, key: string, network: Network, owner: string | undefined): Diagnostic {
  const whose = owner === undefined ? 'was not created by compose' : `was not created for project "${project.name}"`
  return {
    severity: 'warning',
    code: 'foreign-resource',
    message: `a network with name "${network.name}" exists but ${whose}`,
    hint: 'set "external: true" to use an existing network',
    ...placeOf(project, ['networks', key]),
  }
}

function foreignVolume(project: Project, key: string, volume: Volume, owner: string | undefined): Diagnostic {
  const whose = owner === undefined ? 'was not created by compose' : `was created for project "${owner}"`
  return {
    severity: 'warning',
    code: 'foreign-resource',
    message: `volume "${volume.name}" already exists but ${whose}`,
    hint: 'set "external: true" to use an existing volume',
    ...placeOf(project, ['volumes', key]),
  }
}

/** Data is worth more than a driver option. */
function volumeChanged(project: Project, key: string, volume: Volume): Diagnostic {
  return {
    severity: 'warning',
    code: 'volume-changed',
    message: `volume "${volume.name}" exists with another configuration, and is kept as it is`,
    hint: 'remove it with "tscompose down --volumes" when its data is no longer needed',
    ...placeOf(project, ['volumes', key]),
  }
}
