/** Which devices a container may use, and how much of the disks. */
import type { BlockIoSpec, ContainerSpec, DeviceRate, DeviceRequestSpec } from '../driver/driver.ts'
import type { BlkioConfig, DeviceMapping, DeviceRequest, Service, ThrottleDevice } from '../model/project.ts'

type Devices = Pick<ContainerSpec, 'devices' | 'deviceCgroupRules' | 'deviceRequests'>

export function toDevices(service: Service): Devices {
  const reserved = service.deploy?.resources?.reservations?.devices ?? []
  return {
    devices: (service.devices ?? []).map(toDevice),
    deviceCgroupRules: service.device_cgroup_rules ?? [],
    deviceRequests: [...reserved.map(toRequest), ...(service.gpus ?? []).map(toRequest).map(asGpu)],
  }
}

/** The model leaves out an empty text, also where it is what the user wrote. */
function toDevice({
  source = '',
  target = source,
  permissions = 'rwm',
}: Partial<DeviceMapping>): ContainerSpec['devices'][number] {
  return { source, target, permissions }
}

/** Where neither a number nor names are given, all are meant. */
function toRequest(request: DeviceRequest): DeviceRequestSpec {
  const deviceIds = request.device_ids ?? []
  const count = request.count ?? (deviceIds.length === 0 ? -1 : undefined)
  return {
    driver: request.driver ?? '',
    ...(count === undefined ? {} : { count }),
    deviceIds,
    capabilities: request.capabilities ?? [],
    options: request.options ?? {},
  }
}

/** What `gpus` asks for need not be said to be one. */
function asGpu(request: DeviceRequestSpec): DeviceRequestSpec {
  return { ...request, capabilities: [...new Set(['gpu', ...request.capabilities])] }
}

export function toBlockIo(config: BlkioConfig | undefined): BlockIoSpec | undefined {
  if (config === undefined) return undefined
  return {
    ...(config.weight === undefined ? {} : { weight: config.weight }),
    deviceWeights: (config.weight_device ?? []).map(({ path, weight }) => ({ path, weight })),
    readBps: toRates(config.device_read_bps),
    writeBps: toRates(config.device_write_bps),
    readIops: toRates(config.device_read_iops),
    writeIops: toRates(config.device_write_iops),
  }
}

function toRates(devices: readonly ThrottleDevice[] = []): readonly DeviceRate[] {
  return devices.map(({ path, rate }) => ({ path, rate: Number(rate) }))
}
