/** Limits and devices of a container, as the Docker Engine API takes them. Pure. */
import type { BlockIoSpec, ContainerSpec, ResourceSpec } from '../driver.ts'

export function resourcesBody({ resources, ulimits, devices, deviceCgroupRules, deviceRequests }: ContainerSpec) {
  return {
    ...limitsBody(resources),
    ...(resources.blockIo && blockIo(resources.blockIo)),
    Ulimits: Object.entries(ulimits).map(([Name, { soft, hard }]) => ({ Name, Soft: soft, Hard: hard })),
    Devices: devices.map(({ source, target, permissions }) => ({
      PathOnHost: source,
      PathInContainer: target,
      CgroupPermissions: permissions,
    })),
    DeviceCgroupRules: deviceCgroupRules,
    DeviceRequests: deviceRequests.map(({ driver, count, deviceIds, capabilities, options }) => ({
      Driver: driver,
      Count: count ?? 0,
      DeviceIDs: deviceIds,
      Capabilities: [capabilities],
      Options: options,
    })),
  }
}

/** Those that can be changed where a container stands, too. */
export function limitsBody(resources: ResourceSpec) {
  return {
    NanoCpus: resources.nanoCpus,
    CpuShares: resources.cpuShares,
    CpuQuota: resources.cpuQuotaUs,
    CpuPeriod: resources.cpuPeriodUs,
    CpusetCpus: resources.cpusetCpus,
    CpuRealtimeRuntime: resources.cpuRealtimeRuntimeUs,
    CpuRealtimePeriod: resources.cpuRealtimePeriodUs,
    Memory: resources.memoryBytes,
    MemorySwap: resources.memorySwapBytes,
    MemoryReservation: resources.memoryReservationBytes,
    MemorySwappiness: resources.memorySwappiness,
    OomKillDisable: resources.oomKillDisable,
    PidsLimit: resources.pidsLimit,
  }
}

function blockIo({ weight, deviceWeights, readBps, writeBps, readIops, writeIops }: BlockIoSpec) {
  const rates = (all: BlockIoSpec['readBps']) => all.map(({ path, rate }) => ({ Path: path, Rate: rate }))
  return {
    BlkioWeight: weight,
    BlkioWeightDevice: deviceWeights.map((one) => ({ Path: one.path, Weight: one.weight })),
    BlkioDeviceReadBps: rates(readBps),
    BlkioDeviceWriteBps: rates(writeBps),
    BlkioDeviceReadIOps: rates(readIops),
    BlkioDeviceWriteIOps: rates(writeIops),
  }
}
