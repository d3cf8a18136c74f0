/** How a container is reached: its networks in order, its names on them, its ports. */
import type { EndpointSpec, NetworkMode, PortSpec } from '../driver/driver.ts'
import type { Port, Project, Service, ServiceNetwork } from '../model/project.ts'
import type { ReplicaSite } from './replica-site.ts'

/** `bridge` is a network like any other here; whether there is one of that name is the driver's affair. */
export function toNetworkMode(site: ReplicaSite): NetworkMode {
  const mode = site.service.network_mode
  if (mode === undefined) return projectNetworks(site)
  if (mode === 'host' || mode === 'none') return { kind: mode }
  const containerId = site.containerIn(mode)
  if (containerId !== undefined) return { kind: 'container', containerId }
  return { kind: 'networks', endpoints: [{ networkName: mode === 'default' ? 'bridge' : mode, aliases: [] }] }
}

function projectNetworks(site: ReplicaSite): NetworkMode {
  const endpoints = networkKeysOf(site.service).map((key) => toEndpoint(site, key))
  const [main, ...others] = endpoints
  if (main === undefined) return { kind: 'none' }
  const macAddress = main.macAddress ?? site.service.mac_address
  return { kind: 'networks', endpoints: [macAddress === undefined ? main : { ...main, macAddress }, ...others] }
}

/** The main network first: the highest `priority`, then the name. */
export function networkKeysOf(service: Service): readonly string[] {
  const priorityOf = (key: string): number => service.networks?.[key]?.priority ?? 0
  return Object.keys(service.networks ?? {}).sort((a, b) => priorityOf(b) - priorityOf(a) || (a < b ? -1 : 1))
}

function toEndpoint(site: ReplicaSite, key: string): EndpointSpec {
  const attachment: ServiceNetwork = site.service.networks?.[key] ?? {}
  const shared = [site.serviceName, ...(attachment.aliases ?? []), ...linkAliasesOf(site.project, site.serviceName)]
  const aliases = [site.containerName, ...(site.hasAliases === false ? [] : shared)]
  return {
    networkName: site.project.networks[key]?.name ?? key,
    aliases: [...new Set(aliases)],
    ...(attachment.ipv4_address !== undefined && { ipv4Address: attachment.ipv4_address }),
    ...(attachment.ipv6_address !== undefined && { ipv6Address: attachment.ipv6_address }),
    ...(attachment.mac_address !== undefined && { macAddress: attachment.mac_address }),
    ...(attachment.interface_name !== undefined && { interfaceName: attachment.interface_name }),
    ...(attachment.gw_priority !== undefined && { gatewayPriority: attachment.gw_priority }),
    ...(attachment.driver_opts !== undefined && { driverOptions: attachment.driver_opts }),
  }
}

/** Names that other services gave this one by `links: ["db:database"]`. They answer to everybody on the network, not to the linking service alone. */
export function linkAliasesOf(project: Project, serviceName: string): readonly string[] {
  return Object.values(project.services)
    .flatMap((service) => service.links ?? [])
    .map((link) => link.split(':'))
    .filter(([target, alias]) => target === serviceName && alias !== undefined && alias !== serviceName)
    .map(([, alias]) => alias as string)
}

/** The host's network has no ports to publish from. */
export function toPorts(service: Service): readonly PortSpec[] {
  return service.network_mode === 'host' ? [] : (service.ports ?? []).map(toPort)
}

function toPort(port: Port): PortSpec {
  return {
    hostIp: port.host_ip ?? '',
    published: toRange(port.published),
    target: port.target,
    protocol: port.protocol === 'udp' ? 'udp' : 'tcp',
  }
}

function toRange(published: string | undefined): PortSpec['published'] {
  const [start = 0, end = start] = (published || '0').split('-').map(Number)
  return { start, end }
}
