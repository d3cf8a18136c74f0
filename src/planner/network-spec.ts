/** Networks and volumes of the project as the driver takes them. */
import type { NetworkSpec, VolumeSpec } from '../driver/driver.ts'
import type { IpamPool, Network, Project, Volume } from '../model/project.ts'
import { networkLabels, volumeLabels } from './labels.ts'

export function toNetworkSpec(project: Project, key: string, network: Network): NetworkSpec {
  return {
    networkName: network.name,
    driver: network.driver ?? 'bridge',
    driverOptions: network.driver_opts ?? {},
    internal: network.internal ?? false,
    enableIpv6: network.enable_ipv6 ?? false,
    ipam: (network.ipam?.config ?? []).map(toPool),
    labels: networkLabels(project, key, network),
  }
}

function toPool(pool: IpamPool): NetworkSpec['ipam'][number] {
  return {
    ...(pool.subnet !== undefined && { subnet: pool.subnet }),
    ...(pool.gateway !== undefined && { gateway: pool.gateway }),
    ...(pool.ip_range !== undefined && { ipRange: pool.ip_range }),
  }
}

export function toVolumeSpec(project: Project, key: string, volume: Volume): VolumeSpec {
  return {
    volumeName: volume.name,
    driver: volume.driver ?? 'local',
    driverOptions: volume.driver_opts ?? {},
    labels: volumeLabels(project, key, volume),
  }
}
